using Tsunagi.BackOffice.Dunning;

namespace Tsunagi.Tests.BackOffice.Dunning;

/// <summary>One account's life, drawn from a seed: what falls due, what is paid, what of the bank is imported, holidays, and whether it is never suspended.</summary>
internal sealed class Timeline
{
    public const int Length = 130;
    public static readonly DateOnly First = new(2026, 12, 1);

    public Timeline(int seed)
    {
        var random = new Random(seed);
        Terms = DunningTerms.Default with
        {
            StaleAfterBusinessDays = random.Next(1, 5), LeastMinor = random.Next(3) == 0 ? 500 : 1,
            Stages = [.. DunningTerms.Default.Stages.Select((stage, i) => stage with { Automatic = true, DaysAfterDue = 3 + (i * random.Next(5, 18)) + i })],
        };
        Holidays = [First, .. Enumerable.Range(0, random.Next(1, 12)).Select(_ => First.AddDays(random.Next(Length + 20))), new DateOnly(2027, 1, 1)];
        NeverSuspend = random.Next(6) == 0;
        for (var i = 0; i < random.Next(1, 5); i++)
        {
            Invoices.Add(($"iv_{i}", First.AddDays(random.Next(50)), random.Next(1, 30) * 100));
        }

        for (var i = 0; i < random.Next(0, 5); i++)
        {
            Payments.Add((random.Next(Length), random.Next(1, 40) * 100, random.Next(3) > 0));
        }

        for (var day = 0; day < Length; day++)
        {
            // A person forgets now and then for a while.
            if (random.Next(12) > 0 && (day / 17) % 4 != random.Next(5))
            {
                Imports.Add(day);
            }

            LetterSent[day] = random.Next(10) == 0 ? day + random.Next(1, 6) : day;
        }
    }

    public DunningTerms Terms { get; }

    public List<DateOnly> Holidays { get; }

    public bool NeverSuspend { get; }

    public List<(string Id, DateOnly Due, long Amount)> Invoices { get; } = [];

    /// <summary>On which day how much comes in, and whether it is set against invoices (else it lies with the account).</summary>
    public List<(int Day, long Amount, bool Allocated)> Payments { get; } = [];

    public HashSet<int> Imports { get; } = [];

    /// <summary>On which day a letter written on this one goes out.</summary>
    public Dictionary<int, int> LetterSent { get; } = [];
}

/// <summary>
/// The rules told once more, slowly and in other words: each day of a life is gone through with plain lists; nothing of the planner is used. It remembers for each invoice the stages it passed,
/// on which day each letter went out, and when services were stopped and went on.
/// </summary>
internal sealed class SlowDunning(Timeline life)
{
    public List<(int Day, string Stage, string Invoices)> Steps { get; } = [];

    public List<(int From, int? To)> Suspensions { get; } = [];

    public SlowDunning Run()
    {
        var stage = life.Invoices.ToDictionary(static each => each.Id, static _ => -1);
        var sent = life.Invoices.ToDictionary(static each => each.Id, static _ => int.MinValue);
        var stopped = new HashSet<string>();
        for (var day = 0; day < Timeline.Length; day++)
        {
            var today = Timeline.First.AddDays(day);
            var owed = OwedOn(day);
            if (Suspensions is [.., (var from, null)] && stopped.Sum(id => owed.GetValueOrDefault(id)) < life.Terms.LeastMinor)
            {
                Suspensions[^1] = (from, day);
                stopped.Clear();
            }

            if (owed.Values.Sum() < life.Terms.LeastMinor || Rests(today) || Rests(today.AddDays(1)) || IsStale(day))
            {
                continue;
            }

            for (var at = 0; at < life.Terms.Stages.Count; at++)
            {
                var (act, due) = (life.Terms.Stages[at], new List<string>());
                foreach (var (id, dueOn, _) in life.Invoices)
                {
                    var passes = owed.ContainsKey(id) && stage[id] == at - 1 && day >= (dueOn.DayNumber - Timeline.First.DayNumber) + act.DaysAfterDue
                        && (at == 0 || (sent[id] <= day && day >= sent[id] + act.DaysAfterDue - life.Terms.Stages[at - 1].DaysAfterDue));
                    if (passes)
                    {
                        due.Add(id);
                    }
                }

                // One letter that has not gone out holds up all that would go with it.
                var waits = at > 0 && life.Invoices.Any(each => owed.ContainsKey(each.Id) && stage[each.Id] == at - 1 && sent[each.Id] > day && day >= (each.Due.DayNumber - Timeline.First.DayNumber) + act.DaysAfterDue);
                if (due.Count == 0 || waits || (act.Action == DunningAction.Suspend && life.NeverSuspend))
                {
                    continue;
                }

                Steps.Add((day, act.Id, string.Join(' ', due.Order(StringComparer.Ordinal))));
                foreach (var id in due)
                {
                    (stage[id], sent[id]) = (at + 100, life.LetterSent[day]);
                }

                if (act.Action == DunningAction.Suspend)
                {
                    stopped.UnionWith(due);
                    if (Suspensions is not [.., (_, null)])
                    {
                        Suspensions.Add((day, null));
                    }
                }
            }

            // What moved on today is asked again tomorrow.
            foreach (var id in stage.Keys.ToList())
            {
                stage[id] = stage[id] >= 100 ? stage[id] - 100 : stage[id];
            }
        }

        return this;
    }

    /// <summary>What is owed of what is overdue on the morning of a day, all that came in until then counted from the oldest on.</summary>
    public Dictionary<string, long> OwedOn(int day)
    {
        var open = life.Invoices.ToDictionary(static each => each.Id, static each => each.Amount);
        var today = Timeline.First.AddDays(day);
        long lying = 0;
        foreach (var (_, amount, allocated) in life.Payments.Where(each => each.Day <= day).OrderBy(static each => each.Day))
        {
            // What is allocated pays whatever is open, due or not; what is left over lies with the account.
            lying += allocated ? Pay(open, life.Invoices.OrderBy(static each => each.Due).ThenBy(static each => each.Id).Select(static each => each.Id), amount) : amount;
        }

        var overdue = life.Invoices.Where(each => each.Due < today && open[each.Id] > 0).OrderBy(static each => each.Due).ThenBy(static each => each.Id).Select(static each => each.Id).ToList();
        Pay(open, overdue, lying);
        return overdue.Where(id => open[id] > 0).ToDictionary(static id => id, id => open[id]);
    }

    private static long Pay(Dictionary<string, long> open, IEnumerable<string> order, long amount)
    {
        foreach (var id in order)
        {
            var part = Math.Min(open[id], amount);
            open[id] -= part;
            amount -= part;
        }

        return amount;
    }

    private bool Rests(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || life.Holidays.Contains(day);

    private bool IsStale(int day)
    {
        var last = life.Imports.Where(each => each <= day).DefaultIfEmpty(-1).Max();
        if (last < 0)
        {
            return true;
        }

        var between = 0;
        for (var each = last + 1; each <= day; each++)
        {
            between += Rests(Timeline.First.AddDays(each)) ? 0 : 1;
        }

        return between > life.Terms.StaleAfterBusinessDays;
    }
}
