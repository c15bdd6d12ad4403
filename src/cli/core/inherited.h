/*
 * The descriptors that the program was started with. Only these may be named by number (fd:N,
 * --ready-fd, --events fd:N): those that it opens itself are none of the user's or a script's
 * business.
 */
#ifndef CLI_CORE_INHERITED_H
#define CLI_CORE_INHERITED_H

#include <stdbool.h>

struct endpoint;
struct error;
struct loop;
struct sock;

/* Notes which there are; before the program opens any of its own. */
void inherited_note(void);

/* Whether fd is one of them, and not given away since. */
bool inherited_has(int fd);

/* It has its use now, or is closed: the number no longer means what was given. */
void inherited_take(int fd);

/* ERROR_USAGE where ep is fd:N and N is open, but is no such descriptor. One that is not open is
 * for who uses it to tell. */
int inherited_check(const struct endpoint *ep, struct error *e);

/* sock_adopt() of one of them, whose number is given away with that. */
int inherited_adopt(struct sock **ret_sock, struct loop *l, int fd, struct error *e);

#endif
