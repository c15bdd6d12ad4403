/*
 * Completes the last word of a command line.
 */
#ifndef CLI_CORE_COMPLETE_H
#define CLI_CORE_COMPLETE_H

/* `usock __complete WORD...`: the words so far without the program's name; completes the last
 * one, which may be empty. Prints lines "candidate<TAB>description". */
int complete_main(int argc, char **argv);

/* The same inside the program: calls offer for each candidate. help NULL: word is ":file",
 * ":host" or ":command", which the caller completes itself. */
void complete_words(int argc, char *const *argv,
    void (*offer)(void *arg, const char *word, const char *help), void *arg);

#endif
