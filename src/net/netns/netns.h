/*
 * Network namespaces: setns(2).
 */
#ifndef NET_NETNS_NETNS_H
#define NET_NETNS_NETNS_H

struct error;

/* Moves this process into a network namespace: a name of ip-netns(8), or a path. Returns -1 with
 * ERROR_LOCAL_IO "open PATH: reason" or ERROR_NETWORK. */
int netns_enter(const char *name, struct error *e);

#endif
