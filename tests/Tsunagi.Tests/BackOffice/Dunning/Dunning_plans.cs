using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Invoices;

namespace Tsunagi.Tests.BackOffice.Dunning;

/// <summary>The plan alone: 3,000 lives against the slow rules, and each rule by itself.</summary>
public sealed class Dunning_plans
{
    private static readonly DateOnly Due = new(2026, 11, 30);
    private static readonly BusinessCalendar Calendar = new([DayOfWeek.Saturday, DayOfWeek.Sunday], [new DateOnly(2026, 11, 23), new DateOnly(2027, 1, 1), new DateOnly(2026, 12, 16)]);

    [Fact]
    public void Lives_go_as_the_slow_rules_say_and_nobody_is_stopped_with_money_in_or_before_his_day()
    {
        var (suspended, lifted) = (0, 0);
        for (var seed = 0; seed < 3_000; seed++)
        {
            var life = new Timeline(seed);
            var slow = new SlowDunning(life).Run();
            var fast = new PlannedLife(life).Run();
            Assert.True(slow.Steps.SequenceEqual(fast.Steps), $"seed {seed}: {string.Join(", ", slow.Steps)} / {string.Join(", ", fast.Steps)}");
            Assert.True(slow.Suspensions.SequenceEqual(fast.Suspensions), $"seed {seed}");
            foreach (var (from, to) in fast.Suspensions)
            {
                suspended++;
                lifted += to is null ? 0 : 1;
                Assert.True(slow.OwedOn(from).Values.Sum() >= life.Terms.LeastMinor, $"seed {seed}: suspended with the money in");
                var first = life.Invoices.Min(static each => each.Due).AddDays(life.Terms.Stages[2].DaysAfterDue).DayNumber - Timeline.First.DayNumber;
                Assert.True(from >= first, $"seed {seed}: suspended before its day");
            }
        }

        Assert.InRange(suspended, 300, 100_000);
        Assert.InRange(lifted, 50, 100_000);
    }

    [Theory]
    [InlineData("2026-12-06", null)]
    [InlineData("2026-12-07", "reminder")]
    public void Stage_begins_on_its_day_and_not_before(string day, string? stage) =>
        Assert.Equal(stage, Plan(Account(day)).SingleOrDefault()?.Stage.Id);

    [Theory]
    [InlineData("2026-12-07", false)]
    [InlineData("2026-12-11", true)]
    [InlineData("2026-12-12", true)]
    [InlineData("2026-12-15", true)]
    [InlineData("2026-12-16", true)]
    [InlineData("2026-12-17", false)]
    public void Nothing_is_done_on_a_rest_day_or_holiday_nor_on_the_day_before(string day, bool waits) =>
        Assert.Equal(waits, Assert.Single(Plan(Account(day))).Blocks.Contains(DunningBlock.RestDay));

    [Fact]
    public void Year_without_holidays_is_one_nobody_entered()
    {
        Assert.Contains(DunningBlock.NoCalendar, Assert.Single(Plan(Account("2028-02-01"))).Blocks);
        Assert.DoesNotContain(DunningBlock.NoCalendar, Assert.Single(Plan(Account("2027-02-01"))).Blocks);
    }

    [Theory]
    [InlineData("2026-12-07", "2026-12-02", false)]
    [InlineData("2026-12-07", "2026-12-01", true)]
    [InlineData("2026-12-17", "2026-12-11", false)]
    [InlineData("2026-12-17", "2026-12-10", true)]
    public void Files_of_the_bank_may_be_three_business_days_old_and_not_four(string today, string asOf, bool stale) => Assert.Equal(
        stale, Assert.Single(DunningPlan.Make(DunningTerms.Default, Calendar, new BankKnowledge(DateOnly.Parse(asOf, null), "1", DateOnly.Parse(today, null)), Account(today))).Blocks.Contains(DunningBlock.BankStale));

    [Fact]
    public void Money_of_its_own_pays_the_oldest_first_and_what_is_left_must_be_worth_asking()
    {
        var two = Account("2026-12-17") with { Overdue = [Invoice("a", Due, 1_000), Invoice("b", Due.AddDays(1), 500)] };
        Assert.Equal(["b"], Assert.Single(Plan(two with { UnallocatedMinor = 1_000 })).Invoices.Select(static each => each.Id));
        Assert.Equal(900, Assert.Single(Plan(two with { UnallocatedMinor = 600 })).AmountMinor);
        Assert.Empty(Plan(two with { UnallocatedMinor = 1_500 }));
        Assert.Empty(DunningPlan.Make(DunningTerms.Default with { LeastMinor = 501 }, Calendar, Fresh(two), two with { UnallocatedMinor = 1_000 }));
        Assert.Single(DunningPlan.Make(DunningTerms.Default with { LeastMinor = 500 }, Calendar, Fresh(two), two with { UnallocatedMinor = 1_000 }));
    }

    [Fact]
    public void Next_stage_counts_from_the_letter_that_went_out_and_waits_for_one_that_did_not()
    {
        var late = Account("2027-01-13") with { Overdue = [Invoice("a", Due, 1_000, ("reminder", new DunningPassed(false, new DateOnly(2027, 1, 5))))] };
        Assert.Empty(Plan(late));
        Assert.Equal("last-notice", Assert.Single(Plan(late with { Today = new DateOnly(2027, 1, 19) })).Stage.Id);
        var waiting = Account("2027-01-13") with { Overdue = [Invoice("a", Due, 1_000, ("reminder", new DunningPassed(false, null)))] };
        Assert.Equal([DunningBlock.LetterWaits], Assert.Single(Plan(waiting)).Blocks);
    }

    [Fact]
    public void Suspension_waits_for_an_account_that_is_never_suspended_a_booking_that_may_be_its_and_a_missing_address()
    {
        var ready = Account("2027-01-13") with { Overdue = [Invoice("a", Due, 1_000, ("last-notice", new DunningPassed(false, new DateOnly(2026, 12, 21))))] };
        var proposal = Assert.Single(Plan(ready));
        Assert.Equal((DunningAction.Suspend, 0), (proposal.Stage.Action, proposal.Blocks.Count));
        Assert.Equal([DunningBlock.NeverSuspend], Assert.Single(Plan(ready with { NeverSuspend = true })).Blocks);
        Assert.Equal([DunningBlock.PerhapsPaid], Assert.Single(Plan(ready with { PerhapsPaid = ["b1"] })).Blocks);
        Assert.Equal([DunningBlock.NoAddress], Assert.Single(Plan(ready with { Address = null })).Blocks);
        Assert.Empty(Assert.Single(Plan(Account("2026-12-07") with { NeverSuspend = true })).Blocks);
    }

    [Fact]
    public void Letters_are_filled_once_and_names_with_braces_stay_what_they_are()
    {
        var account = Account("2026-12-07") with { Name = "{total} & Sons", Locale = "en" };
        var (subject, body) = LetterText.Write(Assert.Single(Plan(account)), DunningTerms.Default, new global::Tsunagi.BackOffice.IssuerOptions(), "Kaede Networks", new DateOnly(2026, 12, 21));
        Assert.Equal("Reminder: ¥1,000 is overdue", subject);
        Assert.StartsWith("{total} & Sons\n", body, StringComparison.Ordinal);
        Assert.Contains("  a  due 2026-11-30  ¥1,000\n", body, StringComparison.Ordinal);
        Assert.EndsWith("Kaede Networks\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "backoffice.dunning.notice")]
    [InlineData(2, "backoffice.dunning.field")]
    [InlineData(3, "backoffice.dunning.days")]
    [InlineData(4, "backoffice.dunning.stage-id")]
    [InlineData(5, "backoffice.dunning.stages")]
    [InlineData(6, "backoffice.dunning.numbers")]
    [InlineData(7, "backoffice.dunning.letter")]
    public void Terms_that_make_no_sense_are_refused(int which, string code)
    {
        var terms = DunningTerms.Default;
        DunningStage Changed(int at, Func<DunningStage, DunningStage> change) => change(terms.Stages[at]);
        var wrong = which switch
        {
            1 => terms with { Stages = [terms.Stages[0], terms.Stages[2]] },
            2 => terms with { Stages = [Changed(0, static stage => stage with { En = new LetterTemplate("Pay", "Dear {custmer}") })] },
            3 => terms with { Stages = [terms.Stages[1], Changed(0, static stage => stage with { DaysAfterDue = 21 })] },
            4 => terms with { Stages = [terms.Stages[0], Changed(1, static stage => stage with { Id = "reminder" })] },
            5 => terms with { Stages = [.. Enumerable.Range(1, DunningTerms.MaxStages + 1).Select(i => Changed(0, stage => stage with { Id = "s" + i, DaysAfterDue = i }))] },
            6 => terms with { StaleAfterBusinessDays = 31 },
            _ => terms with { Stages = [Changed(0, static stage => stage with { Ja = new LetterTemplate("件名", new string('あ', LetterTemplate.MaxBody + 1)) })] },
        };
        Assert.Equal(code, wrong.Check()?.Code);
        Assert.Null((terms with { Stages = [.. Enumerable.Range(1, DunningTerms.MaxStages).Select(i => Changed(0, stage => stage with { Id = "s" + i, DaysAfterDue = i, Ja = new LetterTemplate("件名", new string('あ', LetterTemplate.MaxBody)) }))], StaleAfterBusinessDays = 30 }).Check());
    }

    private static IReadOnlyList<DunningProposal> Plan(DunningAccount account) => DunningPlan.Make(DunningTerms.Default, Calendar, Fresh(account), account);

    private static BankKnowledge Fresh(DunningAccount account) => new(account.Today, "1", account.Today);

    private static DunningAccount Account(string today) => new(
        "ba_1", "t_1/t_2/", "Customer", null, "ja", "Asia/Tokyo", "JPY", "billing@customer.example", false, DateOnly.Parse(today, null), 12, 0, [Invoice("a", Due, 1_000)], []);

    private static DunningInvoice Invoice(string id, DateOnly due, long open, params (string Stage, DunningPassed Passed)[] passed) =>
        new(id, id, due, open, passed.ToDictionary(static each => each.Stage, static each => each.Passed));

    /// <summary>A life gone through with the planner: each morning what is paid ends the suspension, then what may be done is done.</summary>
    private sealed class PlannedLife(Timeline life)
    {
        private readonly Dictionary<string, Dictionary<string, int>> _passed = life.Invoices.ToDictionary(static each => each.Id, static _ => new Dictionary<string, int>());
        private readonly HashSet<string> _stopped = [];

        public List<(int Day, string Stage, string Invoices)> Steps { get; } = [];

        public List<(int From, int? To)> Suspensions { get; } = [];

        public PlannedLife Run()
        {
            var calendar = new BusinessCalendar([.. life.Terms.Rest], life.Holidays);
            for (var day = 0; day < Timeline.Length; day++)
            {
                var account = Read(day);
                var owed = DunningPlan.Owed(account.Overdue, account.UnallocatedMinor);
                if (Suspensions is [.., (var from, null)] && owed.Where(each => _stopped.Contains(each.Id)).Sum(static each => each.OpenMinor) < life.Terms.LeastMinor)
                {
                    Suspensions[^1] = (from, day);
                    _stopped.Clear();
                }

                var last = life.Imports.Where(each => each <= day).DefaultIfEmpty(-1).Max();
                var bank = new BankKnowledge(last < 0 ? null : Timeline.First.AddDays(last), "1", account.Today);
                foreach (var proposal in DunningPlan.Make(life.Terms, calendar, bank, account).Where(static each => each.Blocks.Count == 0))
                {
                    Take(day, proposal);
                }
            }

            return this;
        }

        private void Take(int day, DunningProposal proposal)
        {
            Steps.Add((day, proposal.Stage.Id, string.Join(' ', proposal.Invoices.Select(static each => each.Id).Order(StringComparer.Ordinal))));
            foreach (var invoice in proposal.Invoices)
            {
                Assert.True(_passed[invoice.Id].TryAdd(proposal.Stage.Id, life.LetterSent[day]), "a stage was taken twice");
            }

            if (proposal.Stage.Action == DunningAction.Suspend)
            {
                _stopped.UnionWith(proposal.Invoices.Select(static each => each.Id));
                if (Suspensions is not [.., (_, null)])
                {
                    Suspensions.Add((day, null));
                }
            }
        }

        private DunningAccount Read(int day)
        {
            var today = Timeline.First.AddDays(day);
            var (open, lying) = (life.Invoices.ToDictionary(static each => each.Id, static each => each.Amount), 0L);
            foreach (var payment in life.Payments.Where(each => each.Day <= day).OrderBy(static each => each.Day))
            {
                var left = payment.Amount;
                foreach (var invoice in life.Invoices.OrderBy(static each => each.Due).ThenBy(static each => each.Id).TakeWhile(_ => payment.Allocated))
                {
                    var part = Math.Min(left, open[invoice.Id]);
                    open[invoice.Id] -= part;
                    left -= part;
                }

                lying += left;
            }

            return Account(InvoiceBook.Text(today)) with
            {
                NeverSuspend = life.NeverSuspend, UnallocatedMinor = lying,
                Overdue =
                [
                    .. life.Invoices.Where(each => each.Due < today && open[each.Id] > 0).Select(each => new DunningInvoice(
                        each.Id, each.Id, each.Due, open[each.Id],
                        _passed[each.Id].ToDictionary(static stage => stage.Key, stage => new DunningPassed(false, stage.Value <= day ? Timeline.First.AddDays(stage.Value) : null)))),
                ],
            };
        }
    }
}
