#include "tcl/os/posix.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tcl/eval/eval.h"
#include "tcl/value/charclass.h"

struct reason {
	int number;
	const char *text;
};

/* The messages of tclsh that are not those of strerror(3) in lower case. */
static const struct reason reasons[] = {
	{ EBADF, "bad file number" },
	{ EBUSY, "file busy" },
	{ ECHILD, "no children" },
	{ EEXIST, "file already exists" },
	{ EIO, "I/O error" },
	{ EISDIR, "illegal operation on a directory" },
	{ ENFILE, "file table overflow" },
	{ ENOMEM, "not enough memory" },
	{ ENOTTY, "inappropriate device for ioctl" },
	{ EPERM, "not owner" },
	{ ESPIPE, "invalid seek" },
	{ ETXTBSY, "text file is busy" },
	{ EXDEV, "cross-domain link" },
};

struct signal_name {
	int number;
	const char *name, *text;
};

static const struct signal_name signals[] = {
	{ SIGABRT, "SIGABRT", "SIGABRT" },
	{ SIGALRM, "SIGALRM", "alarm clock" },
	{ SIGBUS, "SIGBUS", "bus error" },
	{ SIGCHLD, "SIGCHLD", "child status changed" },
	{ SIGFPE, "SIGFPE", "floating-point exception" },
	{ SIGHUP, "SIGHUP", "hangup" },
	{ SIGILL, "SIGILL", "illegal instruction" },
	{ SIGINT, "SIGINT", "interrupt" },
	{ SIGKILL, "SIGKILL", "kill signal" },
	{ SIGPIPE, "SIGPIPE", "write on pipe with no readers" },
	{ SIGQUIT, "SIGQUIT", "quit signal" },
	{ SIGSEGV, "SIGSEGV", "segmentation violation" },
	{ SIGTERM, "SIGTERM", "software termination signal" },
	{ SIGTRAP, "SIGTRAP", "trace trap" },
	{ SIGUSR1, "SIGUSR1", "user-defined signal 1" },
	{ SIGUSR2, "SIGUSR2", "user-defined signal 2" },
	{ SIGXCPU, "SIGXCPU", "exceeded CPU time limit" },
	{ SIGXFSZ, "SIGXFSZ", "exceeded file size limit" },
};

static struct value *
posix_text(struct interp *in, int number)
{
	struct value *text;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].number == number)
			return value_string(&in->heap, reasons[i].text);
	}
	text = value_string(&in->heap, strerror(number));
	text->bytes[0] = charclass_lower(text->bytes[0]);
	return text;
}

int
posix_fail(struct interp *in, int number, const char *fmt, struct value *a, struct value *b)
{
	struct value *message = value_new(&in->heap), *words[3], *code;

	words[0] = value_string(&in->heap, "POSIX");
	words[1] = value_string(&in->heap,
	    in->hooks.errno_name == NULL ? "E?" : in->hooks.errno_name(number));
	words[2] = posix_text(in, number);
	value_format(message, fmt, a, b);
	value_format(message, ": %v", words[2]);
	code = value_list(&in->heap, 3, words);
	for (size_t i = 0; i < 3; i++)
		value_unref(words[i]);
	return interp_fail_with(in, code, message);
}

const char *
posix_path(struct value *path)
{
	size_t n;
	const char *bytes = value_bytes(path, &n);

	return strlen(bytes) == n ? bytes : "";
}

const char *
posix_signal(int number, const char **ret_text)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (signals[i].number == number) {
			*ret_text = signals[i].text;
			return signals[i].name;
		}
	}
	*ret_text = "unknown signal";
	return "unknown signal";
}
