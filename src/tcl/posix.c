#include "tcl/posix.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "tcl/eval.h"

struct reason {
	int number;
	const char *text;
};

/* Where tclsh has words of its own. */
static const struct reason reasons[] = {
	{ E2BIG, "argument list too long" },
	{ EACCES, "permission denied" },
	{ EAGAIN, "resource temporarily unavailable" },
	{ EBADF, "bad file number" },
	{ EBUSY, "file busy" },
	{ ECHILD, "no children" },
	{ EEXIST, "file already exists" },
	{ EFBIG, "file too large" },
	{ EINTR, "interrupted system call" },
	{ EINVAL, "invalid argument" },
	{ EIO, "I/O error" },
	{ EISDIR, "illegal operation on a directory" },
	{ ELOOP, "too many levels of symbolic links" },
	{ EMFILE, "too many open files" },
	{ EMLINK, "too many links" },
	{ ENAMETOOLONG, "file name too long" },
	{ ENFILE, "file table overflow" },
	{ ENODEV, "no such device" },
	{ ENOENT, "no such file or directory" },
	{ ENOEXEC, "exec format error" },
	{ ENOMEM, "not enough memory" },
	{ ENOSPC, "no space left on device" },
	{ ENOTDIR, "not a directory" },
	{ ENOTEMPTY, "directory not empty" },
	{ ENOTTY, "inappropriate device for ioctl" },
	{ ENXIO, "no such device or address" },
	{ EPERM, "not owner" },
	{ EPIPE, "broken pipe" },
	{ EROFS, "read-only file system" },
	{ ESPIPE, "invalid seek" },
	{ ESRCH, "no such process" },
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

const char *
posix_text(int number)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].number == number)
			return reasons[i].text;
	}
	return strerror(number);
}

int
posix_fail(struct interp *in, int number, const char *fmt, struct value *a, struct value *b)
{
	struct value *message = value_new(&in->heap), *words[3], *code;

	value_format(message, fmt, a, b);
	value_append_string(message, ": ");
	value_append_string(message, posix_text(number));
	words[0] = value_string(&in->heap, "POSIX");
	words[1] = value_string(&in->heap, error_errno_name(number));
	words[2] = value_string(&in->heap, posix_text(number));
	code = value_list(&in->heap, 3, words);
	for (size_t i = 0; i < 3; i++)
		value_unref(words[i]);
	interp_fail_with(in, code, value_bytes(message, NULL));
	value_unref(message);
	return TCL_ERROR;
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
