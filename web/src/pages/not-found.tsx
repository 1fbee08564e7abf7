import { useTexts } from "../i18n";
import { Empty, LinkButton, Page } from "../ui";

export default function NotFound() {
  const t = useTexts().shell;
  return (
    <Page title={t.pages.notFound}>
      <Empty>
        <p>{t.notFoundText}</p>
        <LinkButton href="/">{t.toStart}</LinkButton>
      </Empty>
    </Page>
  );
}
