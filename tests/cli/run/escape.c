/*
 * LD_PRELOAD: a program that has been taken over. When it writes "escape DIR" it tries in DIR what an
 * attacker would, and prints what each try came to: "open-write EACCES", or "open-write done".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static ssize_t (*real_write)(int fd, const void *data, size_t n);

static void
tell(const char *what, long rc)
{
	char line[200];
	int n = snprintf(line, sizeof(line), "%s %s\n", what,
	    rc >= 0 ? "done" : strerrorname_np(errno));

	if (real_write(1, line, (size_t)n) != n)
		_exit(99);
}

static long
run(const char *path)
{
	char *argv[] = { (char *)path, NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execv(path, argv);
		_exit(errno == EACCES ? 13 : 99);
	}
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return WEXITSTATUS(status) == 0 ? 0 : -1;
}

static long
open_by(long number, const char *path)
{
	/* struct open_how of openat2: flags, mode, resolve */
	unsigned long long how[3] = { O_WRONLY, 0, 0 };

	return number == 437 ? syscall(number, AT_FDCWD, path, how, sizeof(how))
			     : syscall(number, AT_FDCWD, path, O_WRONLY | O_APPEND);
}

static long
make_socket(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	return bind(fd, (struct sockaddr *)&un, sizeof(un));
}

/* In DIR are a file "kept" and a folder "folder". */
static void
escape(const char *dir)
{
	char type = 'x';

	if (chdir(dir) != 0)
		_exit(98);
	tell("open-write", open("kept", O_WRONLY));
	tell("open-both", open("kept", O_RDWR));
	tell("open-empty", open("kept", O_RDONLY | O_TRUNC));
	tell("open-new", open("made", O_RDONLY | O_CREAT, 0600));
	tell("open-nameless", open(".", O_RDWR | O_TMPFILE, 0600));
	tell("openat", open_by(SYS_openat, "kept"));
	tell("openat2", open_by(437, "kept"));
	tell("creat", creat("made", 0600));
	tell("truncate", truncate("kept", 0));
	tell("mkdir", mkdir("made", 0700));
	tell("rmdir", rmdir("folder"));
	tell("rename", rename("kept", "made"));
	tell("link", link("kept", "made"));
	tell("symlink", symlink("kept", "made"));
	tell("mkfifo", mkfifo("made", 0600));
	tell("chmod", chmod("kept", 0777));
	tell("chown", chown("kept", 1, 1));
	tell("utimes", utimes("kept", NULL));
	tell("execute", run("/bin/true"));
	tell("io_uring", syscall(425, 1, NULL));
	tell("ptrace", syscall(SYS_ptrace, 0x4206, getppid(), 0, 0));
	tell("type", ioctl(0, TIOCSTI, &type));
	tell("kill", kill(getppid(), 0));
	tell("read", open("kept", O_RDONLY));
	tell("socket", make_socket("sock"));
}

ssize_t
write(int fd, const void *data, size_t n)
{
	char dir[400];

	real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (n > 7 && n < sizeof(dir) && memcmp(data, "escape ", 7) == 0) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(n - 8), (const char *)data + 7);
		escape(dir);
		return (ssize_t)n;
	}
	return real_write(fd, data, n);
}
