using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.WhatIf;

/// <summary>Counts what would have changed, in bounded memory whatever the number of messages: fates are few, and of senders and messages some are kept for each.</summary>
internal sealed class WhatIfTally
{
    internal const int MostSenders = 1_000;
    private const int ShownSenders = 10;
    private const int ShownCopies = 20;

    private readonly Dictionary<(WhatIfFate From, WhatIfFate To), Kept> _changes = [];
    private readonly SortedDictionary<WhyNotJudged, Kept> _left = [];

    public long Copies { get; private set; }

    public long Same { get; private set; }

    public long AsIfKnown { get; private set; }

    public void Add(WhatIfCopy copy, WhatIfFate from, WhatIfFate to, bool asIfKnown)
    {
        Copies++;
        AsIfKnown += asIfKnown ? 1 : 0;
        if (from == to)
        {
            Same++;
            return;
        }

        if (!_changes.TryGetValue((from, to), out var kept))
        {
            _changes[(from, to)] = kept = new Kept();
        }

        kept.Add(copy);
    }

    public void Leave(WhatIfCopy copy, WhyNotJudged why)
    {
        Copies++;
        if (!_left.TryGetValue(why, out var kept))
        {
            _left[why] = kept = new Kept();
        }

        kept.Add(copy);
    }

    public WhatIfAnswer Answer(long fromMicros, long toMicros, long messages, bool isCut) => new(
        fromMicros, toMicros, messages, Copies, Same, AsIfKnown, isCut,
        [.. _changes.OrderByDescending(static pair => pair.Value.Copies).ThenBy(static pair => pair.Key.From.Action).ThenBy(static pair => pair.Key.To.Action).ThenBy(static pair => pair.Key.To.Hold)
            .Select(static pair => pair.Value.Change(pair.Key.From, pair.Key.To))],
        [.. _left.Select(static pair => new WhatIfLeft(pair.Key, pair.Value.Copies, pair.Value.Newest))]);

    private sealed class Kept
    {
        private readonly Dictionary<string, long> _senders = new(StringComparer.Ordinal);
        private readonly List<WhatIfCopy> _newest = [];

        public long Copies { get; private set; }

        // Messages come newest first.
        public IReadOnlyList<WhatIfCopy> Newest => _newest;

        public void Add(WhatIfCopy copy)
        {
            Copies++;
            var domain = copy.Sender[(copy.Sender.LastIndexOf('@') + 1)..].ToLowerInvariant();
            if (_senders.TryGetValue(domain, out var known) || _senders.Count < MostSenders)
            {
                _senders[domain] = known + 1;
            }

            if (_newest.Count < ShownCopies)
            {
                _newest.Add(copy);
            }
        }

        public WhatIfChange Change(WhatIfFate from, WhatIfFate to)
        {
            List<WhatIfSender> shown = [.. _senders.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Take(ShownSenders)
                .Select(static pair => new WhatIfSender(pair.Key, pair.Value))];
            return new WhatIfChange(from, to, Copies, shown, Copies - shown.Sum(static sender => sender.Copies), _newest);
        }
    }
}
