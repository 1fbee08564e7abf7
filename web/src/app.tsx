import type { ComponentChildren } from "preact";
import { Component } from "preact";
import { useEffect, useState } from "preact/hooks";
import { SignInAgain } from "./again";
import { offline, refreshSession, session } from "./api";
import { useCell } from "./cell";
import { DeskKeys } from "./desk/anywhere";
import { languages, setLanguage, spoken, useLanguage, useTexts, type Texts } from "./i18n";
import { useMay, useRole, type Right } from "./may";
import { LazyPage, preload } from "./pages";
import { navigate, useRoute } from "./router";
import { signOut } from "./session";
import { setTheme, theme, type Theme } from "./theme";
import type { Language } from "./types";
import { Button, helpOpen, Icon, KeyHelp, Menu, Note, Toasts, useKeys } from "./ui";

// The frame around the pages: who may see what in the navigation, language, appearance, what the node says.
type PageName = keyof Texts["shell"]["pages"];
interface Link {
  page: PageName;
  right?: Right;
}
const groups: { title: "navDesk" | "navKnown" | "navNode"; links: Link[] }[] = [
  {
    title: "navDesk",
    links: [
      { page: "queue", right: "case.read" },
      { page: "appeals", right: "case.read" },
      { page: "decisions", right: "case.read" },
      { page: "exemptions", right: "exemption.read" },
      { page: "escalations", right: "case.read" },
    ],
  },
  {
    title: "navKnown",
    links: [
      { page: "dashboard", right: "insight.read" },
      { page: "banks", right: "bank.read" },
      { page: "entries", right: "entry.read" },
      { page: "find", right: "find" },
    ],
  },
  {
    title: "navNode",
    links: [
      { page: "users", right: "user.read" },
      { page: "keys", right: "key.read" },
      { page: "webhooks", right: "webhook.read" },
      { page: "settings", right: "status.read" },
      { page: "about" },
    ],
  },
];
// Pages of which the navigation names another one.
const within: Record<string, string> = {
  case: "queue",
  bank: "banks",
  entry: "entries",
  webhook: "webhooks",
};
const publicPages = ["sign-in", "enrol"];

export function App() {
  useCell(spoken);
  const texts = useTexts();
  const t = texts.shell;
  const now = useCell(session);
  const { page, path } = useRoute();
  const role = useRole();
  const isPublic = publicPages.includes(page);
  const inside = now !== null && role !== null && !isPublic;
  useKeys([{ key: "?", text: t.keyHelp, run: () => helpOpen.set(true) }], texts.desk.keys.group.everywhere);
  useEffect(() => {
    if (now !== null && role === null && !isPublic) {
      const next = window.location.pathname + window.location.search;
      navigate(next === "/" ? "/sign-in" : "/sign-in?next=" + encodeURIComponent(next), { replace: true });
    }
  }, [now, role, isPublic]);
  useEffect(() => window.scrollTo(0, 0), [path]);
  return (
    <>
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <div class={inside ? "frame" : "frame bare"}>
        {inside ? <Side page={page} /> : <TopBar />}
        <div class="content">
          <Banners />
          <main id="main" tabIndex={-1}>
            {now === null ? null : (
              <Guard key={path} t={t}>
                {page ? <LazyPage page={page} /> : <LazyPage page="not-found" />}
              </Guard>
            )}
          </main>
          <Foot />
        </div>
      </div>
      {inside && <DeskKeys />}
      <Toasts />
      <KeyHelp />
      <SignInAgain />
    </>
  );
}

function Side({ page }: { page: string }) {
  const t = useTexts().shell;
  const may = useMay();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [page]);
  return (
    <header class={open ? "side open" : "side"}>
      <div class="side-top">
        <a class="brand" href="/">
          <Brand />
        </a>
        <Button
          class="side-toggle"
          kind="quiet"
          icon={open ? "close" : "menu"}
          aria-expanded={open}
          aria-controls="nav"
          onClick={() => setOpen(!open)}
        >
          {t.menu}
        </Button>
      </div>
      <nav id="nav" aria-label={t.nav}>
        {groups.map(group => (
          <NavGroup
            key={group.title}
            title={t[group.title]}
            current={within[page] ?? page}
            links={group.links.filter(link => !link.right || may(link.right))}
          />
        ))}
        <div class="side-end">
          <Person />
          <div class="row">
            <LanguageMenu />
            <ThemeMenu />
          </div>
        </div>
      </nav>
    </header>
  );
}

function NavGroup({ title, links, current }: { title: string; links: Link[]; current: string }) {
  const t = useTexts().shell;
  if (!links.length) return null;
  return (
    <div class="nav-group">
      <h2>{title}</h2>
      <ul>
        {links.map(({ page }) => (
          <li key={page}>
            <a
              href={"/" + page}
              aria-current={page === current ? "page" : undefined}
              onPointerEnter={() => void preload(page)}
            >
              {t.pages[page]}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Person() {
  const t = useTexts().shell;
  const now = useCell(session);
  if (!now?.user) return null;
  return (
    <div class="person">
      <a href="/account">
        <Icon name="person" />
        <span>
          <bdi>{now.user.name}</bdi>
          <span class="muted">{t.roles[now.user.role]}</span>
        </span>
      </a>
      <Button kind="quiet" icon="out" label={t.signOut} onClick={() => void signOut()} />
    </div>
  );
}

function Brand() {
  const node = useCell(session)?.node;
  return (
    <>
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" />
        <path d="M9 7v18M23 7v18M9 18c4-6 10 2 14-4" />
      </svg>
      <span>
        <strong>hilf</strong>
        {node?.member && (
          <bdi class="muted" title={node.member}>
            {node.member.slice(0, 13)}
          </bdi>
        )}
      </span>
    </>
  );
}

function TopBar() {
  return (
    <header class="top">
      <span class="brand">
        <Brand />
      </span>
      <div class="row">
        <LanguageMenu />
        <ThemeMenu />
      </div>
    </header>
  );
}

function LanguageMenu() {
  const t = useTexts().shell;
  const current = useLanguage();
  const items = (Object.keys(languages) as Language[]).map(language => ({
    text: <span lang={language}>{languages[language]}</span>,
    checked: language === current,
    run: () => void setLanguage(language),
  }));
  return <Menu label={t.language} icon="globe" text={languages[current]} items={items} />;
}

function ThemeMenu() {
  const t = useTexts().shell;
  const current = useCell(theme);
  const names: [Theme, string][] = [
    ["auto", t.themeAuto],
    ["light", t.themeLight],
    ["dark", t.themeDark],
  ];
  const items = names.map(([value, text]) => ({
    text,
    checked: value === current,
    run: () => setTheme(value),
  }));
  return <Menu label={t.theme} icon="sun" items={items} />;
}

const RETRY_MS = 2000;

function Banners() {
  const t = useTexts().shell;
  const now = useCell(session);
  const away = useCell(offline);
  useEffect(() => {
    if (!away && now !== null) return;
    const timer = window.setInterval(() => void refreshSession().catch(() => {}), RETRY_MS);
    return () => window.clearInterval(timer);
  }, [away, now]);
  const follows = !!now?.node.follower && !!(now.user || now.open);
  if (!away && !now?.open && !follows) return null;
  return (
    <aside aria-label={t.notices} class={away ? "stack stays" : "stack"}>
      {away && <Note tone="warn">{t.offline}</Note>}
      {now?.open && <Note tone="warn">{t.openMode}</Note>}
      {follows && <Note>{t.followerMode}</Note>}
    </aside>
  );
}

function Foot() {
  const t = useTexts().shell;
  const node = useCell(session)?.node;
  return (
    <footer class="foot">
      <bdi dir="ltr">hilf {node?.version}</bdi>
      <a href="/docs">{t.apiPage}</a>
      <button type="button" class="link" onClick={() => helpOpen.set(true)}>
        {t.keyHelp}
      </button>
    </footer>
  );
}

// A page that breaks leaves the frame standing.
class Guard extends Component<{ t: Texts["shell"]; children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Note tone="bad">
        <p>{this.props.t.crashed}</p>
        <Button icon="reload" onClick={() => window.location.reload()}>
          {this.props.t.retry}
        </Button>
      </Note>
    );
  }
}
