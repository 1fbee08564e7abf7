// The kit: import { Button, Page, Table } from "../ui".
export * from "./button";
export * from "./dialog";
export * from "./field";
export * from "./form";
export * from "./icon";
export * from "./keys";
export * from "./menu";
export * from "./page";
export * from "./states";
export * from "./table";
export * from "./tabs";
export * from "./toast";
