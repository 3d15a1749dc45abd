namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// What may be done with one account today: (1) money of its own that is set against nothing yet pays its oldest invoices first, so that nobody is asked for what he
/// has paid; (2) what is left must be worth asking for; (3) each invoice has one next stage, from its day on: so many days after the due date, and as many days after
/// the stage before was done as lie between the two; (4) invoices at one stage are one proposal; (5) whatever speaks against doing it now is named. Pure.
/// </summary>
internal static class DunningPlan
{
    public static IReadOnlyList<DunningProposal> Make(DunningTerms terms, BusinessCalendar calendar, BankKnowledge bank, DunningAccount account)
    {
        // :: (1), (2)
        var owed = Owed(account.Overdue, account.UnallocatedMinor);
        if (owed.Sum(static invoice => invoice.OpenMinor) < terms.LeastMinor)
        {
            return [];
        }

        // :: (3)
        var ready = new List<(DunningInvoice Invoice, int Stage, DateOnly From, bool Waits)>();
        foreach (var invoice in owed)
        {
            if (Next(terms, invoice) is var (stage, from, waits) && from <= account.Today)
            {
                ready.Add((invoice, stage, from, waits));
            }
        }

        // :: (4), (5)
        return
        [
            .. ready.GroupBy(static each => each.Stage).OrderBy(static group => group.Key).Select(group =>
            {
                var stage = terms.Stages[group.Key];
                var invoices = group.Select(static each => each.Invoice).ToList();
                return new DunningProposal(
                    DunningProposal.IdOf(account.Id, stage.Id, invoices), account, stage, group.Max(static each => each.From), invoices.Sum(static invoice => invoice.OpenMinor), invoices,
                    Blocks(terms, calendar, bank, account, stage, group.Any(static each => each.Waits)));
            }),
        ];
    }

    /// <summary>What is still owed once the account's own money has paid the oldest.</summary>
    public static IReadOnlyList<DunningInvoice> Owed(IReadOnlyList<DunningInvoice> overdue, long unallocatedMinor)
    {
        var owed = new List<DunningInvoice>(overdue.Count);
        foreach (var invoice in overdue.OrderBy(static each => each.Due).ThenBy(static each => each.Id, StringComparer.Ordinal))
        {
            var covered = Math.Clamp(unallocatedMinor, 0, invoice.OpenMinor);
            unallocatedMinor -= covered;
            if (covered < invoice.OpenMinor)
            {
                owed.Add(invoice with { OpenMinor = invoice.OpenMinor - covered });
            }
        }

        return owed;
    }

    private static (int Stage, DateOnly From, bool Waits)? Next(DunningTerms terms, DunningInvoice invoice)
    {
        var last = -1;
        for (var i = 0; i < terms.Stages.Count; i++)
        {
            last = invoice.Passed.ContainsKey(terms.Stages[i].Id) ? i : last;
        }

        var next = last + 1;
        if (next == terms.Stages.Count)
        {
            return null;
        }

        var from = invoice.Due.AddDays(terms.Stages[next].DaysAfterDue);
        if (last < 0)
        {
            return (next, from, false);
        }

        if (invoice.Passed[terms.Stages[last].Id].On is not { } done)
        {
            return (next, from, true);
        }

        var after = done.AddDays(terms.Stages[next].DaysAfterDue - terms.Stages[last].DaysAfterDue);
        return (next, after > from ? after : from, false);
    }

    private static List<DunningBlock> Blocks(DunningTerms terms, BusinessCalendar calendar, BankKnowledge bank, DunningAccount account, DunningStage stage, bool waits)
    {
        var blocks = new List<DunningBlock>();
        if (!calendar.Knows(account.Today))
        {
            blocks.Add(DunningBlock.NoCalendar);
        }
        else if (!calendar.IsActing(account.Today))
        {
            blocks.Add(DunningBlock.RestDay);
        }

        if (IsStale(terms, calendar, bank))
        {
            blocks.Add(DunningBlock.BankStale);
        }

        foreach (var (holds, block) in new[]
        {
            (account.PerhapsPaid.Count > 0, DunningBlock.PerhapsPaid), (stage.Action == DunningAction.Suspend && account.NeverSuspend, DunningBlock.NeverSuspend),
            (account.Address is null, DunningBlock.NoAddress), (waits, DunningBlock.LetterWaits),
        })
        {
            if (holds)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    public static bool IsStale(DunningTerms terms, BusinessCalendar calendar, BankKnowledge bank) =>
        bank.AsOf is not { } asOf || calendar.BusinessDays(asOf, bank.Today) > terms.StaleAfterBusinessDays;
}
