#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop_private.h"

/* Global because a signal handler has no argument. */
static struct {
	volatile sig_atomic_t wake_fd; /* write end of the newest loop's pipe; -1: none */
	volatile sig_atomic_t arrived[NSIG];
	int watches[NSIG];
	struct sigaction former[NSIG];
} signals = { .wake_fd = -1 };

/* Only records the signal; loop_signal_collect() and loop_signal_run() do the rest. */
static void
signal_handler(int signo)
{
	int saved = errno;

	signals.arrived[signo] = 1;
	if (signals.wake_fd != -1 && write(signals.wake_fd, "", 1) == -1) {
		/* the pipe is full, so the loop wakes up anyway */
	}
	errno = saved;
}

void
loop_signal_collect(struct loop *l)
{
	char bytes[64];

	while (read(l->wake.fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		continue;
	l->signals_due = true;
	for (int signo = 1; signo < NSIG; signo++) {
		if (!signals.arrived[signo])
			continue;
		/* cleared first, so that a signal that arrives now counts again */
		signals.arrived[signo] = 0;
		for (struct signal_watch *s = l->signals; s != NULL; s = s->next)
			s->due |= s->signo == signo;
	}
}

static void
on_wake(struct watch *w, unsigned ready)
{
	(void)ready;
	loop_signal_collect(w->arg);
}

static struct signal_watch *
first_due(struct loop *l)
{
	struct signal_watch *s = l->signals;

	while (s != NULL && !s->due)
		s = s->next;
	return s;
}

/* A callback may run the loop, which then runs the remaining callbacks here. */
void
loop_signal_run(struct loop *l)
{
	struct signal_watch *s;

	/* restart from the head each time: the callback may change the list */
	while (l->signals_due && (s = first_due(l)) != NULL) {
		s->due = false;
		s->fn(s);
	}
	l->signals_due = false;
}

/* Creates the wake-up pipe with the first watched signal; most commands end before that. */
static int
wake_open(struct loop *l)
{
	int fds[2], errnum;

	if (l->wake_write != -1)
		return 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return errno;
	l->wake = (struct watch){ .fd = fds[0], .fn = on_wake, .arg = l };
	if ((errnum = loop_kernel_want(l->kernel, &l->wake, LOOP_READ)) != 0) {
		close(fds[0]);
		close(fds[1]);
		return errnum;
	}
	l->wake.events = LOOP_READ;
	l->wake_write = fds[1];
	signals.wake_fd = fds[1];
	return 0;
}

int
loop_signal_after_fork(struct loop *l)
{
	if (l->wake_write == -1)
		return 0;
	loop_kernel_want(l->kernel, &l->wake, 0);
	close(l->wake.fd);
	close(l->wake_write);
	signals.wake_fd = l->wake_write = -1;
	return wake_open(l);
}

static int
catch_signal(int signo)
{
	struct sigaction action = { .sa_handler = signal_handler, .sa_flags = SA_RESTART };
	sigset_t set;

	if (signals.watches[signo] > 0)
		return 0;
	sigemptyset(&action.sa_mask);
	if (sigaction(signo, &action, &signals.former[signo]) == -1)
		return errno;
	/* the parent may have blocked it, and then SIGCHLD would never arrive */
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

int
loop_signal_watch(struct loop *l, struct signal_watch *s, struct error *e)
{
	int errnum;

	if (s->active)
		return 0;
	errnum = s->signo > 0 && s->signo < NSIG ? wake_open(l) : EINVAL;
	if (errnum == 0)
		errnum = catch_signal(s->signo);
	if (errnum != 0)
		return error_errno(e, ERROR_INTERNAL, errnum, "wait for signal %d", s->signo);
	signals.watches[s->signo]++;
	s->active = true;
	s->due = false;
	s->prev = NULL;
	s->next = l->signals;
	if (s->next != NULL)
		s->next->prev = s;
	l->signals = s;
	return 0;
}

void
loop_signal_unwatch(struct loop *l, struct signal_watch *s)
{
	if (!s->active)
		return;
	s->active = false;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		l->signals = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (--signals.watches[s->signo] > 0)
		return;
	sigaction(s->signo, &signals.former[s->signo], NULL);
	signals.arrived[s->signo] = 0;
}

bool
loop_signal_arrived(int signo)
{
	return signals.arrived[signo] != 0;
}

void
loop_signal_fini(struct loop *l)
{
	while (l->signals != NULL)
		loop_signal_unwatch(l, l->signals);
	if (l->wake_write == -1)
		return;
	if (signals.wake_fd == l->wake_write)
		signals.wake_fd = -1;
	loop_kernel_want(l->kernel, &l->wake, 0);
	close(l->wake.fd);
	close(l->wake_write);
}
