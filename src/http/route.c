/* A tree by segments, made once from an app's table. A segment that is spelt out goes before one in braces; where that leads
 * nowhere, the other is tried, so "/banks/import" and "/banks/{bank}" live side by side. */
#include "base/check.h"
#include "http/inside.h"

#include <stdlib.h>
#include <string.h>

/* What leads to a child. All of a node's lie side by side: a request looks through thirty of them, and most are told by how
 * they begin. */
struct edge {
	uint64_t begins;     /* the first eight bytes of the segment, or fewer and zeros */
	const char *segment; /* in a route's path */
	uint32_t size;
	struct node *child;
};

struct node {
	struct edge *edges; /* spelt out */
	size_t edge_count;
	struct node *any; /* in braces */
	const struct http_route **routes;
	size_t route_count;
};

struct route_tree {
	struct node *root;
};

static void node_free(struct node *node)
{
	if (!node)
		return;
	node_free(node->any);
	for (size_t i = 0; i < node->edge_count; i++)
		node_free(node->edges[i].child);
	free(node->edges);
	free(node->routes);
	free(node);
}

static uint64_t beginning(const char *segment, size_t size)
{
	uint64_t begins = 0;
	memcpy(&begins, segment, size < sizeof begins ? size : sizeof begins);
	return begins;
}

static struct node *child_of(const struct node *node, const char *segment, size_t size)
{
	uint64_t begins = beginning(segment, size);
	for (const struct edge *edge = node->edges, *end = edge + node->edge_count; edge < end;
		edge++)
		if (edge->begins == begins && edge->size == size &&
			memcmp(edge->segment, segment, size) == 0)
			return edge->child;
	return NULL;
}

static struct node *add_child(struct node *node, const char *segment, size_t size)
{
	struct edge *edges = realloc(node->edges, (node->edge_count + 1) * sizeof *edges);
	struct node *child = edges ? calloc(1, sizeof *child) : NULL;
	if (edges)
		node->edges = edges;
	if (child)
		edges[node->edge_count++] =
			(struct edge){beginning(segment, size), segment, (uint32_t)size, child};
	return child;
}

static struct node *node_below(struct node *node, const char *segment, size_t size)
{
	if (segment[0] != '{') {
		struct node *child = child_of(node, segment, size);
		return child ? child : add_child(node, segment, size);
	}
	ASSERT(size > 2 && segment[size - 1] == '}');
	if (!node->any)
		node->any = calloc(1, sizeof *node->any);
	return node->any;
}

static bool route_add(struct route_tree *tree, const struct http_route *route)
{
	ASSERT(route->path && route->path[0] == '/' && route->handle);
	struct node *node = tree->root;
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
	if (tree && !(tree->root = calloc(1, sizeof *tree->root))) {
		free(tree);
		return NULL;
	}
	for (const struct http_route *route = routes; tree && route->method; route++)
		if (!route_add(tree, route)) {
			route_tree_free(tree);
			return NULL;
		}
	return tree;
}

void route_tree_free(struct route_tree *tree)
{
	if (tree)
		node_free(tree->root);
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
	const struct node *child = child_of(node, segment, size);
	if (child && (found = walk_on(walk, child, end, value_count)))
		return found;
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
	return *path == '/' ? walk_on(&walk, tree->root, path, 0) : NULL;
}

void route_allow(const struct route_tree *tree, const char *path, struct buf *buf)
{
	struct walk walk = {.allow = buf};
	if (*path == '/')
		walk_on(&walk, tree->root, path, 0);
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
