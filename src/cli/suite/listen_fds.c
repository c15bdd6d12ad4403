#include "cli/suite/listen_fds.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/program_env.h"
#include "net/sys.h"
#include "stream/process.h"

/* Time for the readers of messages and events. */
#define PATIENCE (2 * NSEC_PER_SEC)

enum { VARIABLES = 3, VARIABLE_MAX = 300 };

static int
exec_with(const struct listen_fds *lf, char **env, struct error *e)
{
	char variables[VARIABLES][VARIABLE_MAX];
	const struct process_how how = { .argv = lf->argv, .env = env };
	size_t n = 0;

	snprintf(variables[0], VARIABLE_MAX, "LISTEN_FDS=1");
	snprintf(variables[1], VARIABLE_MAX, "LISTEN_PID=%ld", (long)getpid());
	snprintf(variables[2], VARIABLE_MAX, "LISTEN_FDNAMES%s%s", lf->name[0] != '\0' ? "=" : "",
	    lf->name);
	while (env[n] != NULL)
		n++;
	for (size_t i = 0; i < VARIABLES; i++)
		env[n + i] = variables[i];
	(void)process_exec(&how, lf->fd, e);
	env[n] = NULL;
	return -1;
}

int
listen_fds_exec(const struct listen_fds *lf, struct error *e)
{
	char *env[PROCESS_ENV_MAX] = { NULL };
	int rc = program_env_listener(lf->fd, env, PROCESS_ENV_MAX - VARIABLES, e);

	if (rc == 0)
		rc = output_queue_flush_all(lf->rt->report.queues, PATIENCE, lf->rt->until, e);
	if (rc == 0 && !lf->inherited)
		rc = sys_set_nonblocking(lf->fd, false, e);
	if (rc == 0)
		rc = exec_with(lf, env, e);
	process_env_free(env);
	return rc;
}
