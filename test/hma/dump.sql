--
-- PostgreSQL database dump
--

\restrict aGbcdK5miVI61nw0QNdapyRDJKXP7BAmegikbufREBjtl0amCh0mdQltaIjFWZw

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: bank; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.bank (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    enabled_ratio double precision NOT NULL,
    import_from_exchange_id integer
);


ALTER TABLE public.bank OWNER TO postgres;

--
-- Name: bank_content; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.bank_content (
    id integer NOT NULL,
    bank_id integer NOT NULL,
    imported_from_id integer,
    disable_until_ts integer NOT NULL,
    original_content_uri character varying,
    bank_content_metadata json,
    note character varying(255)
);


ALTER TABLE public.bank_content OWNER TO postgres;

--
-- Name: bank_content_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.bank_content_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.bank_content_id_seq OWNER TO postgres;

--
-- Name: bank_content_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.bank_content_id_seq OWNED BY public.bank_content.id;


--
-- Name: bank_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.bank_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.bank_id_seq OWNER TO postgres;

--
-- Name: bank_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.bank_id_seq OWNED BY public.bank.id;


--
-- Name: content_signal; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.content_signal (
    content_id integer NOT NULL,
    signal_type character varying NOT NULL,
    signal_val text NOT NULL,
    create_time timestamp with time zone DEFAULT now()
);


ALTER TABLE public.content_signal OWNER TO postgres;

--
-- Name: bank id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank ALTER COLUMN id SET DEFAULT nextval('public.bank_id_seq'::regclass);


--
-- Name: bank_content id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank_content ALTER COLUMN id SET DEFAULT nextval('public.bank_content_id_seq'::regclass);


--
-- Data for Name: bank; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.bank (id, name, enabled_ratio, import_from_exchange_id) FROM stdin;
1	MAGAZINES	1	\N
2	CLIPS	0.5	\N
3	OLD	0	\N
\.


--
-- Data for Name: bank_content; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) FROM stdin;
1	1	\N	1	\N	{"content_id": "c-1"}	seen\ttwice
2	1	\N	1	\N	\N	\N
3	1	\N	0	\N	\N	\N
4	2	\N	1	\N	\N	\N
5	3	\N	1	\N	\N	\N
\.


--
-- Data for Name: content_signal; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.content_signal (content_id, signal_type, signal_val, create_time) FROM stdin;
1	pdq	630d8ef03c71e62ff0c631520ee6db90c711798e0e38fc717386c3d11cde1e1e	2026-11-21 23:18:55.03342+00
1	video_md5	e9328d4c9fc9b89ff4c305a7043efdc1	2026-11-21 23:18:55.03342+00
2	pdq	423d0f929f16016cb7df0fa487188f2cb6794db76986f0539868129f4cb7f252	2026-11-21 23:18:55.03342+00
3	pdq	49359729f962a6bd79d2e49da1b95fe7b272419497147ae6540ae81abb46c0e0	2026-11-21 23:18:55.03342+00
4	video_md5	cab08b36195edb1a1231d2d09fa450e0	2026-11-21 23:18:55.03342+00
4	vpdq	[]	2026-11-21 23:18:55.03342+00
5	pdq	611feb4d12d806776a48f2d774be8d3896db54801d81ad15a9efab5c8c31307e	2026-11-21 23:18:55.03342+00
\.


--
-- Name: bank_content_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.bank_content_id_seq', 5, true);


--
-- Name: bank_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.bank_id_seq', 3, true);


--
-- Name: bank_content bank_content_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank_content
    ADD CONSTRAINT bank_content_pkey PRIMARY KEY (id);


--
-- Name: bank bank_name_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank
    ADD CONSTRAINT bank_name_key UNIQUE (name);


--
-- Name: bank bank_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank
    ADD CONSTRAINT bank_pkey PRIMARY KEY (id);


--
-- Name: content_signal content_signal_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.content_signal
    ADD CONSTRAINT content_signal_pkey PRIMARY KEY (content_id, signal_type);


--
-- Name: bank_content bank_content_bank_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bank_content
    ADD CONSTRAINT bank_content_bank_id_fkey FOREIGN KEY (bank_id) REFERENCES public.bank(id);


--
-- Name: content_signal content_signal_content_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.content_signal
    ADD CONSTRAINT content_signal_content_id_fkey FOREIGN KEY (content_id) REFERENCES public.bank_content(id);


--
-- PostgreSQL database dump complete
--

\unrestrict aGbcdK5miVI61nw0QNdapyRDJKXP7BAmegikbufREBjtl0amCh0mdQltaIjFWZw

