/* What a script can do beyond the language itself, a row for each file that adds commands or methods. */
#include "script/impl.h"

const struct script_part script_parts[] = {
	{ script_socket_init, NULL },
	{ script_connect_init, NULL },
	{ script_io_init, NULL },
	{ script_opt_init, NULL },
	{ script_state_init, NULL },
	{ script_makefile_init, NULL },
	{ script_tls_init, NULL },
	{ script_websocket_init, NULL },
	{ script_server_init, NULL },
	{ script_expect_init, script_expect_fini },
	{ script_fault_injection_init, NULL },
	{ NULL, NULL },
};
