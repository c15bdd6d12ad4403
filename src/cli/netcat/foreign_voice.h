/*
 * How another netcat says what happens: a table of lines for events and errors of ours, and the
 * exit status that each means there.
 */
#ifndef CLI_NETCAT_FOREIGN_VOICE_H
#define CLI_NETCAT_FOREIGN_VOICE_H

#include <stdbool.h>

#include "cli/output/report.h"

struct foreign;

/* How far the run is. */
enum foreign_phase {
	FOREIGN_OPENING = 1, /* until it is connected, or listens */
	FOREIGN_WAITING = 2, /* listens */
	FOREIGN_RELAYING = 4
};

/*
 * A row of a table of texts. The first row that matches says the line; without one nothing is
 * said. The lines are those of cli/output/event.c, with the fields of the event and these:
 *
 *   host port         as they were given; the port of EVENT_PORT
 *   tried             numeric address of the peer, without port; absent where it is the host, with
 *                     `numeric`, and through a proxy
 *   proto service     tcp or udp; the name of the port, or *
 *   peer_host peer_port local_host local_port  of the event's addresses; a host by its name, unless
 *                     `numeric`
 *   reason message    of an error: strerror(3), gai_strerror(3); our whole text
 *   idle source via via_port  as the caller has them
 *   subject_path issuer_path from until  of a certificate, in the style of libtls
 */
struct foreign_text {
	enum event event;
	enum error_code code; /* EVENT_ERROR: of this code */
	bool any_code;        /* EVENT_ERROR: of any code */
	unsigned when;        /* FOREIGN_CONNECT, _LISTEN, _STREAM ...: all of these hold */
	unsigned phase;       /* one of these; 0: any */
	const char *
	    verb; /* EVENT_ERROR: our text begins so; EVENT_PORT: the verdict, or unreachable; NULL: any */
	int verbose;          /* only with so many -v */
	bool named;           /* the program's name and ": " stand in front */
	const char *lines[2]; /* NULL: nothing is said */
	bool more;            /* a row that follows may match, too */
	int status;           /* EVENT_ERROR: the exit status */
	bool last;            /* EVENT_ERROR: further ports are not tried */
};

/* One run of a command of ours with another's voice. */
struct foreign_voice {
	/* set by the caller */
	struct report_voice report;
	const struct foreign *program;
	unsigned mode;                   /* FOREIGN_CONNECT, FOREIGN_STREAM ... */
	const char *host, *port, *proto; /* as they were given; "tcp" or "udp" */
	int verbose;
	bool numeric;                    /* look no names up */
	const char *source;              /* local address */
	const char *idle;                /* how long nothing may move, in milliseconds */
	const char *via_host, *via_port; /* of a proxy, which is what is tried; NULL: none */
	/* True for an error after which the caller runs the line again; it is not said. NULL: none
	 * is. */
	bool (*runs_again)(const struct foreign_voice *v, const struct error *e);
	const void *arg;
	/* results */
	enum foreign_phase phase; /* set by foreign_voice_init() */
	int status;               /* of the first error; 0: none */
	bool failed, last, again;
};

/* Makes v->report, for the report options of a command of ours. */
void foreign_voice_init(struct foreign_voice *v);

#endif
