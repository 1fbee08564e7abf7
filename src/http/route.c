/* A tree by segments, made once from an app's table. A segment that is spelt out goes before one in braces; where that leads
 * nowhere, the other is tried, so "/banks/import" and "/banks/{bank}" live side by side. */
#include "base/check.h"
#include "http/inside.h"

#include <stdlib.h>
#include <string.h>

struct node {
	const char *segment; /* in a route's path */
	size_t size;
	struct node *sibling, *child; /* spelt out */
	struct node *any;             /* in braces */
	const struct http_route **routes;
	size_t route_count;
};

struct route_tree {
	struct node root;
};

static void node_free(struct node *node)
{
	if (!node)
		return;
	node_free(node->any);
	for (struct node *child = node->child, *next; child; child = next) {
		next = child->sibling;
		node_free(child);
	}
	free(node->routes);
	free(node);
}

static struct node *node_below(struct node *node, const char *segment, size_t size)
{
	bool any = segment[0] == '{';
	struct node *found = any ? node->any : node->child;
	while (found && !any && (found->size != size || memcmp(found->segment, segment, size) != 0))
		found = found->sibling;
	if (found || !(found = calloc(1, sizeof *found)))
		return found;
	found->segment = segment;
	found->size = size;
	if (any) {
		ASSERT(size > 2 && segment[size - 1] == '}');
		node->any = found;
	} else {
		found->sibling = node->child;
		node->child = found;
	}
	return found;
}

static bool route_add(struct route_tree *tree, const struct http_route *route)
{
	ASSERT(route->path && route->path[0] == '/' && route->handle);
	struct node *node = &tree->root;
	unsigned params = 0;
	for (const char *at = route->path; *at == '/';) {
		size_t size = strcspn(at + 1, "/");
		params += at[1] == '{';
		if (!(node = node_below(node, at + 1, size)))
			return false;
		at += 1 + size;
	}
	ASSERT(params <= PARAM_COUNT_MAX);
	for (size_t i = 0; i < node->route_count; i++)
		ASSERT(strcmp(node->routes[i]->method, route->method) != 0);
	const struct http_route **routes =
		realloc(node->routes, (node->route_count + 1) * sizeof(struct http_route *));
	if (!routes)
		return false;
	node->routes = routes;
	node->routes[node->route_count++] = route;
	return true;
}

struct route_tree *route_tree_new(const struct http_route *routes)
{
	struct route_tree *tree = calloc(1, sizeof *tree);
	for (const struct http_route *route = routes; tree && route->method; route++)
		if (!route_add(tree, route)) {
			route_tree_free(tree);
			return NULL;
		}
	return tree;
}

void route_tree_free(struct route_tree *tree)
{
	if (!tree)
		return;
	node_free(tree->root.any);
	for (struct node *child = tree->root.child, *next; child; child = next) {
		next = child->sibling;
		node_free(child);
	}
	free(tree);
}

/* A walk through the tree, as deep as the deepest route. */
struct walk {
	const char *method; /* NULL: any, and each is told */
	struct buf *allow;
	struct route_value *values;
};

static const struct http_route *routes_pick(const struct node *node, const char *method)
{
	const struct http_route *get = NULL;
	for (size_t i = 0; i < node->route_count; i++) {
		if (strcmp(node->routes[i]->method, method) == 0)
			return node->routes[i];
		if (strcmp(node->routes[i]->method, "GET") == 0)
			get = node->routes[i];
	}
	return strcmp(method, "HEAD") == 0 ? get : NULL;
}

static void routes_tell(const struct node *node, struct buf *allow)
{
	for (size_t i = 0; i < node->route_count; i++) {
		if (allow->size)
			buf_text(allow, ", ");
		buf_text(allow, node->routes[i]->method);
		if (strcmp(node->routes[i]->method, "GET") == 0)
			buf_text(allow, ", HEAD");
	}
}

static const struct http_route *walk_on(
	const struct walk *walk, const struct node *node, const char *at, unsigned value_count)
{
	const struct http_route *found = NULL;
	if (*at == '\0') {
		if (walk->method)
			return routes_pick(node, walk->method);
		routes_tell(node, walk->allow);
		return NULL;
	}
	const char *segment = at + 1;
	const char *end = strchrnul(segment, '/');
	size_t size = (size_t)(end - segment);
	for (const struct node *child = node->child; child; child = child->sibling)
		if (child->size == size && memcmp(child->segment, segment, size) == 0) {
			if ((found = walk_on(walk, child, end, value_count)))
				return found;
			break;
		}
	if (!node->any || !size)
		return NULL;
	if (walk->values)
		walk->values[value_count] = (struct route_value){segment, size};
	return walk_on(walk, node->any, end, value_count + 1);
}

const struct http_route *route_find(const struct route_tree *tree, const char *method,
	const char *path, struct route_value ret_values[PARAM_COUNT_MAX])
{
	struct walk walk = {.method = method, .values = ret_values};
	return *path == '/' ? walk_on(&walk, &tree->root, path, 0) : NULL;
}

void route_allow(const struct route_tree *tree, const char *path, struct buf *buf)
{
	struct walk walk = {.allow = buf};
	if (*path == '/')
		walk_on(&walk, &tree->root, path, 0);
}

int route_param(const struct http_route *route, const char *name)
{
	size_t size = strlen(name);
	int position = 0;
	for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{'), position++)
		if (strncmp(at + 1, name, size) == 0 && at[1 + size] == '}')
			return position;
	return -1;
}
