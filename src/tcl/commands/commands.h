/* The commands by family; each table ends with a row without a name. */
#ifndef TCL_COMMANDS_COMMANDS_H
#define TCL_COMMANDS_COMMANDS_H

#include "tcl/interp.h"

extern const struct interp_command core_control_commands[], core_error_commands[],
    core_var_commands[], core_proc_commands[], core_list_commands[], core_sort_commands[],
    core_search_commands[], core_dict_commands[], core_array_commands[], core_string_commands[],
    core_format_commands[], core_scan_commands[], core_binary_commands[], core_clock_commands[],
    core_info_commands[], core_io_commands[], core_regex_commands[], core_switch_commands[],
    core_expr_commands[], core_channel_commands[], core_file_commands[], core_exec_commands[];

#endif
