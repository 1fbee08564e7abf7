/* What the routes of people share. */
#ifndef HTTP_API_PERSON_H
#define HTTP_API_PERSON_H

#include "http/api.h"

/* Whether a person asks; 403 was replied otherwise. */
bool api_need_person(struct http_request *request);

#endif
