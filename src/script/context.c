#include "script/context.h"

#include <errno.h>

#include "base/error.h"
#include "net/endpoint.h"
#include "script/impl.h"
#include "sock/sock.h"

struct interp *
script_interp(struct script *sc)
{
	return sc->in;
}

struct script *
script_of(struct interp *in)
{
	return interp_owner(in);
}

const struct script_how *
script_how(const struct script *sc)
{
	return &sc->how;
}

int
script_check_endpoint(const struct script *sc, const struct endpoint *ep, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	if (!endpoint_is_line(ep) || sc->how.allow_files)
		return 0;
	return error_set(e, ERROR_USAGE, "%s: not allowed without --allow-files",
	    endpoint_format(ep, text, sizeof text));
}

int
script_stop(struct script *sc, const struct error *e)
{
	if (!sc->stopped)
		sc->stop = *e;
	sc->stopped = true;
	interp_stop(sc->in, sc->stop.text);
	return TCL_ERROR;
}

bool
script_was_stopped(const struct script *sc, struct error *ret_error)
{
	if (sc->stopped)
		*ret_error = sc->stop;
	return sc->stopped;
}

void
script_note_background(struct script *sc, const char *what, const struct error *e)
{
	if (sc->has_background)
		return;
	sc->background = *e;
	if (what != NULL)
		(void)error_prefix(&sc->background, "%s", what);
	sc->has_background = true;
}

bool
script_take_background(struct script *sc, struct error *ret_error)
{
	if (!sc->has_background)
		return false;
	*ret_error = sc->background;
	sc->has_background = false;
	return true;
}

int
script_adopt(struct script *sc, int fd, struct sock **ret_sock, struct error *e)
{
	int rc;

	if (sc->how.has_fd != NULL && !sc->how.has_fd(fd))
		return error_errno(e, ERROR_NETWORK, EBADF, "fd:%d", fd);
	rc = sock_adopt(ret_sock, sc->how.loop, fd, e);
	if (rc == 0 && sc->how.took_fd != NULL)
		sc->how.took_fd(fd);
	return rc;
}

void
script_add_commands(struct script *sc, const struct interp_command *rows)
{
	for (; rows->name != NULL; rows++)
		interp_add(sc->in, rows, sc, NULL);
}
