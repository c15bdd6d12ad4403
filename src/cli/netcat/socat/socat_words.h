/*
 * The words of socat: the types of its addresses, and their options, each with what it is here. One
 * table serves hints and `usock socat --explain`.
 */
#ifndef CLI_NETCAT_SOCAT_SOCAT_WORDS_H
#define CLI_NETCAT_SOCAT_SOCAT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* What an address of a type is here. */
enum socat_role {
	SOCAT_NONE,    /* nothing: its hint says what there is instead */
	SOCAT_CLIENT,  /* usock connect */
	SOCAT_SERVER,  /* usock listen */
	SOCAT_PROGRAM, /* behind -- */
	SOCAT_SHELL,   /* --sh */
	SOCAT_STDIO,   /* standard input and output, or one of them */
	SOCAT_FILE,    /* a redirection, or a serial line */
	SOCAT_ECHO,    /* what comes is sent back */
	SOCAT_ROLES
};

/* How datagrams are taken. */
enum socat_packets {
	SOCAT_STREAM,   /* there are none */
	SOCAT_PEER,     /* of the first sender, or of the one that we connect to */
	SOCAT_EVERY,    /* of every sender, without an answer */
	SOCAT_EXCHANGE, /* of every sender; each is answered by itself */
	SOCAT_GROUP     /* sent to one address, received from every one */
};

struct socat_word {
	const char *name; /* without the digit of a family */
	enum socat_role role;
	const char *words;   /* options of ours; NULL: none */
	const char *address; /* what stands in front of ours: "unix:"; NULL: nothing */
	unsigned char params, params_max;
	enum socat_packets packets;
	bool reads, writes; /* STDIO, FILE: only that */
	const char *proxy;  /* scheme of the first parameter, which is a proxy; NULL: it is none */
	const char *port;   /* its usual port; NULL: it is the second parameter */
	/* For error_hint(); one that ends in a space, a colon or @ continues with the parameters.
	 * NULL: it is made of the role, words and address. */
	const char *hint;
};

struct socat_option {
	const char *names; /* each name that it has, separated by spaces */
	/* Options of ours, % is the value; "": nothing is needed, or socat_line.c reads it; NULL: it
	 * has no counterpart with addresses of this role. */
	const char *words[SOCAT_ROLES];
	const char *differs; /* what is not the same; NULL: nothing */
	const char *instead; /* without a counterpart: a hint; NULL: none */
};

/* Returns the type that a word of len bytes names, without regard to case, or NULL. *ret_family
 * becomes '4' or '6' where the word has that digit, else 0; it may be NULL. */
const struct socat_word *socat_word_find(const char *word, size_t len, char *ret_family);

/* Writes the hint for a type. rest is what stands behind the first colon. */
void socat_word_hint(const struct socat_word *w, const char *rest, char *text, size_t size);

/* Returns the row of an option's name, without regard to case, or NULL. */
const struct socat_option *socat_option_find(const char *name);

#endif
