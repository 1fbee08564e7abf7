/* A child with pipes at both ends: it says its ports, and ends when its input does. */
#include "test/fetch/servers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	pid_t pid;
	int input;
	char dir[64], ca[80], ports[512];
} servers = {.input = -1};

static bool read_line(int fd)
{
	size_t size = 0;
	while (size + 1 < sizeof servers.ports && read(fd, servers.ports + size, 1) == 1)
		if (servers.ports[size++] == '\n')
			break;
	servers.ports[size] = '\0';
	return strncmp(servers.ports, "READY ", 6) == 0;
}

bool servers_start(void)
{
	char script[4096];
	const char *source = getenv("HILF_SOURCE");
	int input[2], output[2];
	strcpy(servers.dir, "/tmp/hilf-fetch-XXXXXX");
	snprintf(script, sizeof script, "%s/test/fetch/server.py", source ? source : ".");
	if (!mkdtemp(servers.dir) || pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
		return false;
	snprintf(servers.ca, sizeof servers.ca, "%s/ca.pem", servers.dir);
	servers.pid = fork();
	if (servers.pid == 0) {
		if (dup2(input[0], 0) == 0 && dup2(output[1], 1) == 1)
			execlp("python3", "python3", script, servers.dir, (char *)NULL);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	servers.input = input[1];
	bool ready = servers.pid > 0 && read_line(output[0]);
	close(output[0]);
	return ready;
}

void servers_stop(void)
{
	char command[100];
	if (servers.input >= 0)
		close(servers.input);
	if (servers.pid > 0) {
		kill(servers.pid, SIGTERM);
		waitpid(servers.pid, NULL, 0);
	}
	snprintf(command, sizeof command, "rm -rf '%s'", servers.dir);
	if (system(command) != 0)
		fprintf(stderr, "%s stays behind\n", servers.dir);
}

unsigned servers_port(const char *key)
{
	char wanted[32];
	snprintf(wanted, sizeof wanted, " %s=", key);
	const char *found = strstr(servers.ports, wanted);
	return found ? (unsigned)strtoul(found + strlen(wanted), NULL, 10) : 0;
}

void servers_release(const char *name)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", servers.dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

const char *servers_ca(void)
{
	return servers.ca;
}
