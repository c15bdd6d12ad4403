/* Another netcat as a table: options in usock's words, rules, texts. README.md says how to write it. */
#ifndef CLI_NETCAT_FOREIGN_H
#define CLI_NETCAT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct foreign_text;

/* What takes the place of the other program, as bits. */
enum {
	FOREIGN_CONNECT = 1,
	FOREIGN_LISTEN = 2,
	FOREIGN_SENDTO = 4,
	FOREIGN_ALL = FOREIGN_CONNECT | FOREIGN_LISTEN | FOREIGN_SENDTO,
	FOREIGN_STREAM = 8,
	FOREIGN_DATAGRAM = 16,
	FOREIGN_UNIX = 32,
	FOREIGN_INET = 64,
	FOREIGN_SCAN = 128,  /* ports are tested only */
	FOREIGN_KEEPS = 256, /* clients follow each other */
	FOREIGN_TIMED = 512, /* the time to connect is limited */
	FOREIGN_UDP = 1024,
	FOREIGN_TLS = 2048,  /* UDP: also where ports are tested */
	FOREIGN_DUAL = 4096, /* listens for both families */
	FOREIGN_PROXIED = 16384,
	FOREIGN_REMOTE = 32768, /* the proxy looks up the host */
	FOREIGN_TESTED = 8192,  /* a test waits for a line */
	FOREIGN_SILENT = 65536  /* nothing is sent */
};

enum { FOREIGN_HINTS_MAX = 3, FOREIGN_OPTS_MAX = 80, FOREIGN_GIVEN_MAX = 128 };

/* Of an option that is written after a command of ours. */
struct foreign_hint {
	unsigned commands; /* FOREIGN_CONNECT ... */
	const char *text;  /* for error_hint() */
};

enum { FOREIGN_USUAL = 1, FOREIGN_OTHER = 2 }; /* variants of a program, in one table */

struct foreign_opt {
	char letter;       /* 0: none */
	unsigned variants; /* FOREIGN_USUAL ..., that have it; 0: both */
	const char *name;  /* long name; NULL: none */
	const char *arg;   /* name of the value, in brackets where it may be left out; NULL: none */
	const char *help;
	/* Options of ours that do the same, for a client and for a server, separated by spaces; %
	 * is the value. NULL: the option adds no word, or the program's own code adds it. */
	const char *connect, *listen;
	unsigned when; /* FOREIGN_STREAM, _DATAGRAM, _SCAN: the words are for these only; 0: all */
	bool sends;    /* they are about what is sent */
	const char *differs; /* what is not the same, for --explain; NULL: nothing */
	const char *refused; /* the message where usock does not have it; NULL: it has */
	/* A value that has to be a number: what the message calls it, and its range. NULL: any. */
	const char *number;
	int64_t min, max;
	struct foreign_hint hints[FOREIGN_HINTS_MAX]; /* the first that matches */
};

struct foreign {
	const char *command; /* of usock */
	const char *speaker; /* the name in front of messages; NULL: command */
	const char *other;   /* "--NAME" in front of all selects FOREIGN_OTHER; NULL: one variant */
	const struct foreign_opt *opts;
	size_t n_opts;
	bool permutes;        /* options may follow operands */
	bool long_names;      /* --name, which may be shortened */
	bool dash_options;    /* "-,OPTION" is an operand, as "-" is */
	bool may_lose_reader; /* a reader of standard output that leaves is a good end */
	int status_usage;     /* exit status where the words are wrong */
	const struct foreign_text *texts; /* foreign_voice.h */
};

/* The tables. socat's has no texts: it is not run. */
extern const struct foreign foreign_nc, foreign_ncat, foreign_socat;

/* A parsed command line. It points into the table and into argv, which is permuted. */
struct foreign_args {
	const struct foreign *program;
	unsigned variant;
	const char *values[FOREIGN_OPTS_MAX]; /* of opts; the last one that was given */
	unsigned counts[FOREIGN_OPTS_MAX];
	/* all that were given, in order */
	struct foreign_given {
		const struct foreign_opt *opt;
		const char *value;
	} given[FOREIGN_GIVEN_MAX];
	size_t n_given;
	char **operands; /* ends with NULL */
	int n_operands;
	bool explain; /* --explain */
	char unknown; /* a letter that the program has not: what -1 is about; '-': a long name */
};

/* True where a variant of the program has the option. */
bool foreign_has(const struct foreign_opt *o, unsigned variant);

/* Returns the name in front of messages. */
const char *foreign_speaker(const struct foreign *program);

/* Parses argv[1..] by the rules of the program. --explain is an option of each. Returns -1 with
 * ERROR_USAGE and the text of getopt_long(3); -2 with ERROR_USAGE and the text of the row. */
int foreign_parse(const struct foreign *program, int argc, char **argv,
    struct foreign_args *ret_args, struct error *e);

/* Return how often an option of the table was given, and its last value or NULL. */
unsigned foreign_count(const struct foreign_args *args, char letter);
const char *foreign_value(const struct foreign_args *args, char letter);
unsigned foreign_count_name(const struct foreign_args *args, const char *name);
const char *foreign_value_name(const struct foreign_args *args, const char *name);

/* Return the hint of the tables for an option that command does not have, or NULL. */
const char *foreign_hint_letter(unsigned command, char letter);
const char *foreign_hint_name(unsigned command, const char *name, size_t len);

#endif
