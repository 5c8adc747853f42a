import { defineCustomElement, onBeforeUnmount, onMounted, ref, useHost } from 'vue';
import { PRESETS } from './presets.js';
import { button, events, interventions, transport } from './view/controls.js';
import { legend } from './view/messages.js';
import { picture } from './view/picture.js';
import { Player } from './view/player.js';
import { STYLE } from './view/style.js';
import type { PartName } from './world/parts.js';

const REMARK =
  'The clients run redlock-core itself. Nodes, clocks, network and storage are simulated, and the network is slow, so that there is something to see.';

/** `<live-cluster>`: the real core over simulated nodes, clocks and network, to look at and to interfere with. */
const LiveCluster = defineCustomElement(
  () => {
    const player = new Player();
    const chosen = ref<PartName>('n1');
    const host = useHost();
    const visibility = new IntersectionObserver((entries) =>
      player.show(entries.at(-1)?.isIntersecting ?? true),
    );
    onMounted(() => {
      if (host) visibility.observe(host);
      player.play();
    });
    onBeforeUnmount(() => {
      player.play(false);
      visibility.disconnect();
    });
    return () => {
      const cluster = player.cluster.value;
      const { preset, seed, journal } = cluster;
      const latest = journal.entries.at(-1)?.text;
      const bad = journal.facts.doubleHoldings > 0;
      return (
        <section class="frame" aria-label="Live cluster">
          <div class="intro">
            <div class="presets" role="group" aria-label="What to see">
              {PRESETS.map((each) =>
                button(each.title, () => player.begin(each, seed), {
                  'aria-pressed': each === preset,
                }),
              )}
            </div>
            <p class="sentence">{preset.sentence}</p>
          </div>
          <div class="main">
            <div class="picture">{picture(cluster, chosen)}</div>
            <div class="caption">
              <p class="latest" aria-live="polite">
                {latest}
              </p>
              <p class={['ending', { bad }]}>{cluster.isOver ? preset.ending : ''}</p>
            </div>
            {transport(player)}
          </div>
          {events(cluster)}
          {interventions(player, chosen)}
          {legend()}
          <p class="remark">{REMARK}</p>
        </section>
      );
    };
  },
  { styles: [STYLE] },
);

customElements.define('live-cluster', LiveCluster);
