/* Preloaded: epoll_ctl(2) cannot add a socket that listens, as where a user has as many
 * watches as the kernel allows (epoll_ctl(2), ENOSPC). */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int
epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	static int (*real)(int, int, int, struct epoll_event *);
	void *symbol = dlsym(RTLD_NEXT, "epoll_ctl");
	int listens = 0;
	socklen_t len = sizeof(listens);

	memcpy(&real, &symbol, sizeof(real));
	if (op == EPOLL_CTL_ADD && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 &&
	    listens) {
		errno = ENOSPC;
		return -1;
	}
	return real(epfd, op, fd, event);
}
