#include "cli/core/program_env.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/sockname.h"
#include "net/sys.h"
#include "relay/session.h"
#include "sock/impl.h"
#include "stream/process.h"
#include "test.h"

/* ---- where a program is ---- */

/* A folder with programs, and things that are none. */
struct folder {
	char path[TEST_PATH_MAX];
};

static void
make(const struct folder *f, const char *name, mode_t mode)
{
	char path[TEST_PATH_MAX + 40];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	if (S_ISDIR(mode)) {
		check_int(mkdir(path, 0755), 0);
		return;
	}
	file = fopen(path, "w");
	if (check(file != NULL))
		fclose(file);
	check_int(chmod(path, mode), 0);
}

static void
folder_open(struct folder *f)
{
	test_path(f->path, "program_env.XXXXXX");
	check(mkdtemp(f->path) != NULL);
	make(f, "none", S_IFDIR);
	make(f, "none/both", 0644);
	make(f, "none/file", 0644);
	make(f, "some", S_IFDIR);
	make(f, "some/both", 0755);
	make(f, "some/dir", S_IFDIR);
	check_int(chdir(f->path), 0);
}

static void
folder_close(const struct folder *f)
{
	static const char *const names[] = { "none/both", "none/file", "none", "some/both",
		"some/dir", "some" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_int(remove(names[i]), 0);
	check_int(chdir("/"), 0);
	check_int(rmdir(f->path), 0);
}

static void
check_path(const char *name, const char *list, int status, const char *reason)
{
	char want[300];
	struct error e = { 0 };

	if (list != NULL)
		setenv("PATH", list, 1);
	else
		unsetenv("PATH");
	check_int(program_env_check_path(name, &e), status == 0 ? 0 : -1);
	if (status == 0)
		return;
	snprintf(want, sizeof(want), "exec %s: %s", name, reason);
	check_str(e.text, want);
	check_int(error_exit_status(&e), status);
}

#define NO_FILE "No such file or directory"

TEST("a program is looked for in each folder of PATH, as execvp does")
{
	struct folder f;

	folder_open(&f);
	check_path("both", "some", 0, NULL);
	check_path("both", "nowhere:some", 0, NULL);
	/* a file that may not be executed is no end of the search */
	check_path("both", "none:some", 0, NULL);
	check_path("both", "some:none", 0, NULL);
	check_path("file", "none:some", 126, "Permission denied");
	check_path("file", "some:none", 126, "Permission denied");
	check_path("file", "some", 127, NO_FILE);
	check_path("dir", "some", 126, "Permission denied");
	check_path("", "some", 127, NO_FILE);
	folder_close(&f);
}

TEST("an empty folder of PATH is the current one, and without PATH there is a usual one")
{
	struct folder f;

	folder_open(&f);
	check_int(chdir("some"), 0);
	check_path("both", "", 0, NULL);
	check_path("both", ":/nowhere", 0, NULL);
	check_path("both", "/nowhere:", 0, NULL);
	check_path("both", "/nowhere::/nowhere", 0, NULL);
	check_path("both", "/nowhere", 127, NO_FILE);
	check_path("both", NULL, 127, NO_FILE);
	check_path("sh", NULL, 0, NULL);
	check_int(chdir(".."), 0);
	folder_close(&f);
}

TEST("a name with a slash is a path")
{
	struct folder f;

	folder_open(&f);
	check_path("some/both", "/nowhere", 0, NULL);
	check_path("none/file", "some", 126, "Permission denied");
	check_path("./both", "some", 127, NO_FILE);
	check_path("none/file/x", "some", 127, "Not a directory");
	folder_close(&f);
}

TEST("a folder of PATH that is too long is passed over")
{
	static char list[6000];
	struct folder f;

	folder_open(&f);
	memset(list, 'x', 5000);
	strcpy(list + 5000, ":some"); /* NOLINT */
	check_path("both", list, 0, NULL);
	folder_close(&f);
}

TEST("what looks like a line of the shell has a hint")
{
	struct error e = { 0 };

	check_int(program_env_check_path("cat | wc", &e), -1);
	check_str(e.hint, "a line of the shell is given with --sh");
	check_int(program_env_check_path("no-such-program", &e), -1);
	check_str(e.hint, "");
}

/* ---- variables ---- */

/* Returns the value that a program would see; "(unset)"; NULL: nothing is said of it. The last one counts. */
static const char *
value_of(char *const *env, const char *name)
{
	const char *value = NULL;
	size_t n = strlen(name);

	for (; *env != NULL; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			value = *env + n + 1;
		else if (strcmp(*env, name) == 0)
			value = "(unset)";
	}
	return value;
}

static int
listener(int family, int v6only)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (family == AF_INET) {
		check_int(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
		return fd;
	}
	check_int(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only)), 0);
	check_int(bind(fd, (struct sockaddr *)&in6, sizeof(in6)), 0);
	return fd;
}

static void
check_listener(int fd, const char *address)
{
	char *env[PROCESS_ENV_MAX], port[8];
	struct sockname name;

	check_int(program_env_listener(fd, env, PROCESS_ENV_MAX, NULL), 0);
	check_int(sys_local_name(fd, &name, NULL), 0);
	snprintf(port, sizeof(port), "%u", sockname_port(&name));
	check_str(value_of(env, "USOCK_ADDR"), address);
	check_str(value_of(env, "USOCK_PORT"), port);
	check_str(value_of(env, "TCPREMOTEIP"), "(unset)");
	check_str(value_of(env, "LISTEN_FDS"), "(unset)");
	process_env_free(env);
	close(fd);
}

TEST("a program beside a server is told where to connect to, also if that is everywhere")
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pair[2];
	char *env[PROCESS_ENV_MAX];
	struct error e = { 0 };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);

	check_listener(listener(AF_INET, 0), "127.0.0.1");
	check_listener(listener(AF_INET6, 0), "127.0.0.1");
	check_listener(listener(AF_INET6, 1), "::1");
	check_int(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	check_listener(fd, "127.0.0.2");
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	check_int(program_env_listener(pair[0], env, PROCESS_ENV_MAX, NULL), 0);
	check_str(value_of(env, "USOCK_PORT"), "(unset)");
	process_env_free(env);
	close(pair[0]);
	close(pair[1]);
	check_int(program_env_listener(-1, env, PROCESS_ENV_MAX, &e), -1);
}

TEST("a list of variables ends with NULL, however short it is")
{
	char *env[4] = { NULL, NULL, NULL, (char *)(uintptr_t) "guard" };
	int fd = listener(AF_INET, 0);

	check_int(program_env_listener(fd, env, 3, NULL), 0);
	check(env[1] != NULL && env[2] == NULL);
	check_str(env[3], "guard");
	env[3] = NULL;
	process_env_free(env);
	close(fd);
}

TEST("the client of a server is known by the names of its kind")
{
	struct session_how how = { 0 };
	char *env[PROCESS_ENV_MAX];
	struct loop *loop;
	struct sock *s;
	int pair[2];

	check_int(loop_open(&loop, NULL), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s = sock_wrap(loop, pair[0], AF_UNIX, SOCK_STREAM, NULL);
	require(s != NULL);
	check_int(program_env(&how, 9, s, env, PROCESS_ENV_MAX), 0);
	check_str(value_of(env, "USOCK_ID"), "9");
	check_str(value_of(env, "USOCK_PROTO"), "unix");
	check(value_of(env, "UNIXREMOTEPID") != NULL);
	check_str(value_of(env, "TCPREMOTEIP"), "(unset)");
	process_env_free(env);
	sock_free(s);
	close(pair[1]);
	s = sock_wrap(loop, listener(AF_INET, 0), AF_INET, SOCK_STREAM, NULL);
	require(s != NULL);
	check_int(program_env(&how, 1, s, env, PROCESS_ENV_MAX), 0);
	check_str(value_of(env, "PROTO"), "TCP");
	check_str(value_of(env, "TCPLOCALIP"), "0.0.0.0");
	check_str(value_of(env, "SSLLOCALIP"), "(unset)");
	check_str(value_of(env, "NCAT_PROTO"), "TCP");
	process_env_free(env);
	sock_free(s);
	loop_close(loop);
}

/* The names of the sender of a datagram; NULL: nothing is said of it. */
static const char *const of_udp[][2] = {
	{ "USOCK_ID", "7" },
	{ "USOCK_PROTO", "udp" },
	{ "USOCK_LOCAL_ADDR", "127.0.0.1" },
	{ "USOCK_PEER_ADDR", "127.0.0.1" },
	{ "USOCK_PEER_PORT", "53" },
	{ "PROTO", "UDP" },
	{ "UDPREMOTEIP", "127.0.0.1" },
	{ "UDPREMOTEPORT", "53" },
	{ "NCAT_PROTO", "UDP" },
	{ "NCAT_REMOTE_ADDR", "127.0.0.1" },
	{ "NCAT_REMOTE_PORT", "53" },
	{ "TCPREMOTEIP", "(unset)" },
	{ "SSLREMOTEIP", "(unset)" },
	{ "UNIXREMOTEPATH", "(unset)" },
};

TEST("a program for a sender of datagrams knows it by the names of UCSPI and ncat, and no other")
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(53) };
	struct sockname peer = { .len = sizeof(in) }, local;
	char *env[PROCESS_ENV_MAX];
	struct loop *loop;
	struct sock *s;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&peer.storage, &in, sizeof(in));
	local = peer;
	sockname_set_port(&local, 1000);
	check_int(loop_open(&loop, NULL), 0);
	s = sock_wrap(loop, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), AF_INET, SOCK_DGRAM,
	    NULL);
	require(s != NULL);
	check_int(program_env_dgram(7, s, &local, &peer, env, PROCESS_ENV_MAX), 0);
	for (size_t i = 0; i < sizeof(of_udp) / sizeof(of_udp[0]); i++)
		check_str(value_of(env, of_udp[i][0]), of_udp[i][1]);
	process_env_free(env);
	sock_free(s);
	loop_close(loop);
}

TEST("a sender of a unix socket has a path")
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/peer" };
	struct sockname peer = { .len = sizeof(sa_family_t) + 10 }, local;
	char *env[PROCESS_ENV_MAX];

	memcpy(&peer.storage, &un, sizeof(un));
	local = peer;
	check_int(program_env_dgram(8, NULL, &local, &peer, env, PROCESS_ENV_MAX), 0);
	check_str(value_of(env, "PROTO"), "UNIX");
	check_str(value_of(env, "UNIXREMOTEPATH"), "/run/peer");
	check_str(value_of(env, "USOCK_PEER_ADDR"), "/run/peer");
	check_str(value_of(env, "USOCK_LOCAL_PORT"), "(unset)");
	process_env_free(env);
}
