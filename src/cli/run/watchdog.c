#include "cli/run/watchdog.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/command_context.h"
#include "loop/loop.h"

enum { TICK_USEC = 25000, TICKS = 3, STATUS_TIMEOUT = 124 };

/* Static, as a signal handler has no argument. */
static struct {
	struct loop *loop;
	struct deadline until;
	struct sigaction former;
	volatile sig_atomic_t ticks; /* timer ticks since the signal or the deadline */
} watchdog;

/* Ends the process with async-signal-safe calls only; queued output is lost. */
static void
end_process(int signo)
{
	static const char text[] = "usock: script: Connection timed out\n";
	sigset_t set;

	if (signo != 0) {
		signal(signo, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, signo);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
		kill(getpid(), signo);
		_exit(128 + signo);
	}
	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1) {
		/* there is nobody to report to */
	}
	_exit(STATUS_TIMEOUT);
}

/* Counts processor time, so that a program that waits, for data or for a processor, is not
 * ended. */
static void
on_tick(int signo)
{
	int interrupt = loop_interrupt_seen(watchdog.loop);

	(void)signo;
	/* the loop uses SIGALRM for a deadline */
	if (interrupt == SIGALRM)
		interrupt = 0;
	if (interrupt == 0 && !deadline_passed(watchdog.until))
		watchdog.ticks = 0;
	else if (++watchdog.ticks >= TICKS)
		end_process(interrupt);
}

static void
set_cpu_timer(long usec)
{
	const struct itimerval timer = { { 0, usec }, { 0, usec } };

	setitimer(ITIMER_PROF, &timer, NULL);
}

void
watchdog_start(struct loop *l, struct deadline until)
{
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };

	watchdog.loop = l;
	watchdog.until = until;
	watchdog.ticks = 0;
	sigemptyset(&action.sa_mask);
	sigaction(SIGPROF, &action, &watchdog.former);
	set_cpu_timer(TICK_USEC);
}

int
watchdog_stop(struct command_context *rt, int status)
{
	struct error e = { 0 };
	int signo = loop_interrupted(rt->loop);

	set_cpu_timer(0);
	sigaction(SIGPROF, &watchdog.former, NULL);
	if (signo == 0 || signo == SIGALRM || rt->killed_by != 0)
		return status;
	(void)error_signal(&e, signo);
	return command_context_fail(rt, &e);
}
