/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML files: reading them whole, within bounds. What they hold is node.c's.
 */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads at most max bytes and not one more. Bytes read, or -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t max)
{
	size_t len = 0;

	while (len < max) {
		ssize_t got = read(fd, buf + len, max - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* Room for a file's text: its size if it tells, and one byte more, to see that it ends there. */
static size_t room_for(const struct stat *status)
{
	if (S_ISREG(status->st_mode) && status->st_size >= 0 &&
	    (unsigned long long)status->st_size < DOCUMENT_MAX_BYTES && status->st_size > 0)
		return (size_t)status->st_size + 1;
	return DOCUMENT_MAX_BYTES + 1;
}

static struct document *load_open(const char *path, int fd, struct diags *diags)
{
	struct place whole = { .file = path };
	struct document *doc = NULL;
	struct stat status;
	ssize_t len = -1;
	char *text;
	size_t room;

	if (fcntl(fd, F_SETFL, O_RDONLY) || fstat(fd, &status)) {
		diag_add(diags, &whole, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	if (S_ISDIR(status.st_mode)) {
		diag_add(diags, &whole, "is a directory; expected a file");
		return NULL;
	}
	room = room_for(&status);
	text = malloc(room);
	if (text)
		len = read_all(fd, text, room);
	if (len < 0)
		diag_add(diags, &whole, "cannot be read: %s", strerror(text ? errno : ENOMEM));
	else
		doc = document_parse(path, text, (size_t)len, diags);
	free(text);
	return doc;
}

struct document *document_load(const char *path, struct diags *diags)
{
	struct place whole = { .file = path };
	/* a pipe that nobody writes to is empty: opening it would wait for ever otherwise */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct document *doc;

	if (fd < 0) {
		diag_add(diags, &whole, "'%s' cannot be opened: %s", path, strerror(errno));
		return NULL;
	}
	doc = load_open(path, fd, diags);
	close(fd);
	return doc;
}
