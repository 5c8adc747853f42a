import { defineComponent, h, onBeforeUnmount, onMounted, ref } from 'vue';

/** Loading begins when the reader is so near to the place. */
const MARGIN = '200px';

/** The place of the live cluster on the first page. Its code is loaded in browsers only, and only if it is needed. */
export const LiveClusterSlot = defineComponent({
  name: 'LiveClusterSlot',
  setup() {
    const place = ref<HTMLElement>();
    const isDefined = ref(false);
    let observer: IntersectionObserver | undefined;

    onMounted(() => {
      if (!place.value) return;
      observer = new IntersectionObserver(approach, { rootMargin: MARGIN });
      observer.observe(place.value);
    });
    onBeforeUnmount(() => observer?.disconnect());

    function approach(entries: readonly IntersectionObserverEntry[]): void {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer?.disconnect();
      void import('./live/live-cluster.js').then(() => (isDefined.value = true));
    }

    return () => h('div', { ref: place }, isDefined.value ? [h('live-cluster')] : []);
  },
});
