/*
 * Runs the examples of usock-script(7): the literal text after a comment
 * `.\" script: NAME` must print its own lines after "#> ". Port 7001 is replaced
 * by a free one. Examples may use files and programs.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "script_test.h"

static int
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	bind(fd, (struct sockaddr *)&in, n);
	getsockname(fd, (struct sockaddr *)&in, &n);
	close(fd);
	return ntohs(in.sin_port);
}

/* Appends a line of mdoc as text, with the free port. */
static void
append_line(char *out, const char *line, int port)
{
	char *end = out + strlen(out);

	while (*line != '\0') {
		if (strncmp(line, "\\e", 2) == 0) {
			*end++ = '\\';
			line += 2;
		} else if (strncmp(line, "\\&", 2) == 0) {
			line += 2;
		} else if (strncmp(line, "7001", 4) == 0) {
			end += sprintf(end, "%d", port);
			line += 4;
		} else {
			*end++ = *line++;
		}
	}
	*end = '\0';
}

static void
run_example(const char *name, const char *text, const char *shown)
{
	char put[4096] = "";
	FILE *out = tmpfile();

	require(out != NULL && loop_open(&loop, &error) == 0);
	require(begin_with(&(struct script_how){ .out_fd = fileno(out),
	    .err_fd = STDERR_FILENO,
	    .allow_exec = true,
	    .allow_files = true,
	    .env = environ }));
	if (!check_int(run(text), 0))
		printf("#   %s: %s\n", name, error.text);
	end();
	rewind(out);
	put[fread(put, 1, sizeof(put) - 1, out)] = '\0';
	fclose(out);
	if (!check_str(put, shown))
		printf("#   example: %s\n", name);
}

TEST("the examples of the manual do what it shows")
{
	char line[512], name[64] = "", text[8192] = "", shown[4096] = "";
	FILE *man = fopen(TEST_MANUAL, "r");
	int port = 0, examples = 0;
	bool inside = false;

	require(man != NULL);
	while (fgets(line, sizeof(line), man) != NULL) {
		if (sscanf(line, ".\\\" script: %63s", name) == 1) {
			port = free_port();
			text[0] = shown[0] = '\0';
		} else if (name[0] != '\0' && strncmp(line, ".Bd", 3) == 0) {
			inside = true;
		} else if (inside && strncmp(line, ".Ed", 3) == 0) {
			run_example(name, text, shown);
			name[0] = '\0';
			inside = false;
			examples++;
		} else if (inside && strncmp(line, "#> ", 3) == 0) {
			append_line(shown, line + 3, port);
		} else if (inside) {
			append_line(text, line, port);
		}
	}
	fclose(man);
	check(examples >= 65);
}
