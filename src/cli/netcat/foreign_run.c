#include "cli/netcat/foreign_run.h"

#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_voice.h"
#include "cli/netcat/usock_line.h"

int
foreign_run(struct foreign_voice *voice, const struct foreign_args *args, struct usock_line *line)
{
	int status = 0;

	foreign_voice_init(voice);
	if (args->explain)
		foreign_help_explain(line, args, NULL, 0);
	else
		status = usock_line_run(line, &voice->report);
	if (voice->failed)
		status = voice->status;
	usock_line_fini(line);
	return status;
}
