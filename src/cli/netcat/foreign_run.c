#include "cli/netcat/foreign_run.h"

#include "base/error.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_voice.h"
#include "cli/netcat/usock_line.h"

/* A line that usock would refuse is not printed. */
static int
explain_line(const struct foreign_voice *voice, const struct foreign_args *args,
    const struct usock_line *line)
{
	const struct report_opts opts = { .voice = &voice->report };
	const struct report report = { .opts = &opts };
	struct error e = { 0 };

	if (usock_line_check(line, &e) < 0)
		return report_error(&report, &e);
	foreign_help_explain(line, args, NULL, 0);
	return 0;
}

int
foreign_run(struct foreign_voice *voice, const struct foreign_args *args, struct usock_line *line)
{
	int status = 0;

	foreign_voice_init(voice);
	if (args->explain)
		status = explain_line(voice, args, line);
	else
		status = usock_line_run(line, &voice->report);
	if (voice->failed)
		status = voice->status;
	usock_line_fini(line);
	return status;
}
