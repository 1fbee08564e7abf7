// What people do at the desk, from signing in to an appeal.
import { expect, play, scene, stage } from "./browser.mjs";
import { signIn } from "./people.mjs";

scene("a reviewer signs in and finds the queue", async ({ open }) => {
  const page = await open();
  await signIn(page, await stage("person", ["amal"]));
  await page.getByRole("link", { name: "Queue" }).click();
  await page.waitForURL("**/queue");
  expect("the queue is there", await page.getByRole("heading", { level: 1 }).isVisible());
});

await play();
