#include "cli/netcat.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* OpenBSD's nc, nc.traditional and ncat, where they mean the same. */
static const struct {
	char letter;
	const char *hint;
} letters[] = {
	{ 'l', "usock listen [HOST] PORT" },
	{ 'n', "not needed: addresses are not looked up, and peers' names never are" },
	{ 'N', "not needed: the end of input ends our side at once" },
	{ 'q', "--after-eof DUR is how long to wait for the peer after the end of input" },
	{ 'e', "a program stands behind the address: -- PROGRAM ARG..." },
	{ 'c', "--sh LINE runs a line of shell" },
	{ 'd', "--recv-only leaves standard input alone" },
	{ 'U', "unix:PATH is an address like others" },
	{ 't', "--telnet" },
	{ 'b', "--broadcast" },
	{ 'I', "-o SO_RCVBUF=SIZE" },
	{ 'O', "-o SO_SNDBUF=SIZE" },
	{ 'T', "-o IP_TOS=NUMBER" },
	{ 'M', "-o IP_TTL=NUMBER" },
	{ 'm', "usock listen --max-clients N" },
	{ 'V', "usock --version" },
};

static bool
is_netcat(const char *command)
{
	return strcmp(command, "connect") == 0 || strcmp(command, "listen") == 0 ||
	    strcmp(command, "sendto") == 0;
}

const char *
netcat_letter(const char *command, char letter)
{
	if (!is_netcat(command))
		return NULL;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == letter)
			return letters[i].hint;
	return NULL;
}

const char *
netcat_command(const char *word)
{
	if (word[0] != '-' || word[1] == '-')
		return "usock help";
	if (strchr(word, 'l') != NULL)
		return strchr(word, 'k') != NULL ? "usock listen -k [HOST] PORT"
						 : "usock listen [HOST] PORT";
	if (strchr(word, 'z') != NULL)
		return "usock connect -z HOST PORT...";
	return strchr(word, 'u') != NULL ? "usock connect -u HOST PORT" : "usock help";
}
