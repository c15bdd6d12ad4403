#include "cli/commands/script/script_cmds.h"

#include <stddef.h>

#include "cli/commands/script/script_call.h"
#include "cli/commands/script/script_record.h"
#include "cli/commands/script/script_tls.h"
#include "cli/core/cmd.h"
#include "cli/prompt/getpass.h"
#include "script/context.h"
#include "tcl/interp.h"

static int
run_word(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct cmd *const *cmd = data;

	return script_call_run(in, *cmd, argc, argv);
}

void
script_cmds_add(struct script *sc, struct command_context *rt)
{
	struct interp_command row = { NULL, run_word, 0, -1, "?option ...? ?operand ...?" };

	for (const struct cmd *const *c = commands; *c != NULL; c++) {
		if ((*c)->script == NULL)
			continue;
		row.name = (*c)->name;
		interp_add(script_interp(sc), &row, (void *)c, NULL);
	}
	script_tls_add(sc);
	script_record_add(sc, rt);
	getpass_add(sc, NULL, NULL);
}
