import { useEffect } from "preact/hooks";
import { useMay } from "../may";
import { navigate } from "../router";

// "/" is where the role's work is.
export default function Home() {
  const may = useMay();
  useEffect(() => {
    const to = may("case.work") ? "/queue" : may("insight.read") ? "/dashboard" : "/banks";
    navigate(to, { replace: true });
  }, []);
  return null;
}
