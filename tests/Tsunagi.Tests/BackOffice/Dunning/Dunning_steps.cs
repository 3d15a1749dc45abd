using System.Globalization;
using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bank.Import;
using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Letters;
using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Events;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.BackOffice.Bank;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Dunning;

/// <summary>Dunning on real stores: proposals, steps, holds, letters, and what a second node or a kill changes.</summary>
public abstract class Dunning_steps(SqlDialect dialect) : IAsyncLifetime
{
    private BackOfficeWorld _world = null!;
    private DunningDesk _desk = null!;
    private Tenant _tenant = null!;
    private BillingAccount _account = null!;
    private SubscriptionView _line = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        _desk = new DunningDesk(_world);
        await _world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 10_000));
        (_tenant, _account) = await _world.AddCustomerAsync("Customer", new NewBillingAccount("", Email: "keiri@customer.example", PaymentTerms: "net:10"));
        _line = await _world.Provider.TakeAsync(_tenant, "line");
        await GoAsync("2026-11-01T03:00:00");
        await _world.BillAsync("2026-10"); // due 2026-11-11
        BackOfficeWorld.Value(await _desk.Terms.SetHolidaysAsync(_world.Operator, [new Holiday("2026-11-23", "勤労感謝の日"), new Holiday("2027-01-01", "元日")], Cancel));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Stages_follow_one_another_until_services_stop_and_the_payment_lifts_only_that_hold()
    {
        await GoAsync("2026-11-18T12:00:00");
        Assert.Equal([DunningBlock.BankStale], Assert.Single(await ProposalsAsync()).Blocks);
        Assert.Equal("backoffice.dunning.blocked", (await _desk.Orders.ReleaseAsync(_world.Operator, (await ProposalsAsync())[0].Id, Cancel)).Refusal?.Code);
        await ReleaseAsync("2026-11-18T12:00:00", "reminder");
        Assert.Empty(await ProposalsAsync());
        await ReleaseAsync("2026-12-02T12:00:00", "last-notice");
        BackOfficeWorld.Value(await _world.Provider.Orders.PlaceHoldAsync(_world.Operator, _line.Id, new NewHold(HoldKind.Abuse, "spam"), Cancel));
        BackOfficeWorld.Value(await _world.Provider.Orders.PlaceHoldAsync(_world.Operator, _line.Id, new NewHold(HoldKind.NonPayment, "agreed with the customer"), Cancel));
        var step = await ReleaseAsync("2026-12-16T12:00:00", "suspension");
        Assert.Equal("2027-02-14", step.DataKeptUntil);
        Assert.Equal(3, (await HoldsAsync()).Count);
        Assert.Equal(0, await _desk.Lifts.LiftAsync(_world.Operator, null, Cancel));

        // Not the whole: services stay off. The rest lies with the account: they go on.
        var invoice = (await _world.DocumentsAsync())[0];
        BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, new NewPayment(_account.Id, "2026-12-16", 10_999, "k1"), Cancel));
        Assert.Equal(0, await _desk.Lifts.LiftAsync(_world.Operator, null, Cancel));
        BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, new NewPayment(_account.Id, "2026-12-17", 1, "k2", Allocate: false), Cancel));
        Assert.Equal(1, invoice.TotalMinor - 10_999);
        Assert.Equal(1, await _desk.Lifts.LiftAsync(_world.Operator, null, Cancel));
        Assert.Equal(0, await _desk.Lifts.LiftAsync(_world.Operator, null, Cancel));
        Assert.Equal([HoldKind.Abuse, HoldKind.NonPayment], (await HoldsAsync()).Select(static hold => hold.Kind));
        Assert.Empty(await ProposalsAsync());
        Assert.Equal(["suspend", "lastNotice", "remind"], (await _desk.Book.StepsAsync(_world.Operator, new StepFilter(_account.Id), "", 10, Cancel)).Select(static each => each.Action));
        Assert.Empty(await _desk.Book.StepsAsync(_world.Operator, new StepFilter(State: "suspended"), "", 10, Cancel));
        Assert.Equal(
            ["backoffice.dunning.done", "backoffice.dunning.done", "backoffice.dunning.done", "backoffice.dunning.lifted"],
            await _world.Provider.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT act FROM audit WHERE act LIKE 'backoffice.dunning.%' ORDER BY position"), Cancel));
    }

    [Fact]
    public async Task What_was_paid_or_taken_meanwhile_is_not_taken_and_a_race_takes_a_step_once()
    {
        await ImportedAsync("2026-11-18T12:00:00");
        var seen = Assert.Single(await ProposalsAsync());
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _desk.Orders.ReleaseAsync(_world.Operator, seen.Id, Cancel).AsTask(), Cancel)));
        Assert.Single(both, static each => each.Ok);
        Assert.Equal(1, await CountAsync("bo_letter"));
        Assert.Equal(1, await CountAsync("bo_dunning_step"));

        await DeliverAsync();
        await ImportedAsync("2026-12-02T12:00:00");
        var next = Assert.Single(await ProposalsAsync());
        BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, new NewPayment(_account.Id, "2026-12-02", 11_000, "k1"), Cancel));
        Assert.Equal(RefusalKind.NotFound, (await _desk.Orders.ReleaseAsync(_world.Operator, next.Id, Cancel)).Refusal?.Kind);
        Assert.Equal(1, await CountAsync("bo_dunning_step"));
    }

    [Fact]
    public async Task Skipped_stage_writes_nothing_and_the_next_counts_from_that_day()
    {
        await ImportedAsync("2026-11-19T12:00:00");
        var id = Assert.Single(await ProposalsAsync()).Id;
        Assert.Equal("backoffice.dunning.reason", (await _desk.Orders.SkipAsync(_world.Operator, id, "", Cancel)).Refusal?.Code);
        Assert.Equal("backoffice.dunning.operator", (await _desk.Orders.SkipAsync(TestProvider.CallerOf(_tenant), id, "mine", Cancel)).Refusal?.Code);
        Assert.Equal(DunningStepState.Skipped, BackOfficeWorld.Value(await _desk.Orders.SkipAsync(_world.Operator, id, "agreed by phone", Cancel)).State);
        Assert.Equal(0, await CountAsync("bo_letter"));
        await ImportedAsync("2026-12-02T12:00:00");
        Assert.Empty(await ProposalsAsync());
        await ImportedAsync("2026-12-03T12:00:00");
        Assert.Equal("last-notice", Assert.Single(await ProposalsAsync()).Stage.Id);
    }

    [Fact]
    public async Task Automatic_stage_acts_from_its_hour_and_the_others_wait_for_a_person()
    {
        var terms = DunningTerms.Default with { Stages = [DunningTerms.Default.Stages[0] with { Automatic = true }, .. DunningTerms.Default.Stages.Skip(1)] };
        Assert.Equal("backoffice.dunning.person", (await _desk.Terms.SetAsync(_world.Operator with { ActorId = "k_token" }, terms, null, Cancel)).Refusal?.Code);
        Assert.Equal(1, BackOfficeWorld.Value(await _desk.Terms.SetAsync(_world.Operator, terms, 0, Cancel)).Version);
        Assert.Equal(RefusalKind.PreconditionFailed, (await _desk.Terms.SetAsync(_world.Operator, terms, 0, Cancel)).Refusal?.Kind);
        await ImportedAsync("2026-11-18T09:59:00");
        Assert.Equal(0, await _desk.ActAsync());
        await GoAsync("2026-11-18T10:00:00");
        Assert.Equal(1, await _desk.ActAsync());
        Assert.Equal(0, await _desk.ActAsync());
        await DeliverAsync();
        await ImportedAsync("2026-12-02T12:00:00");
        Assert.Equal(0, await _desk.ActAsync());
        Assert.Equal("last-notice", Assert.Single(await ProposalsAsync()).Stage.Id);
    }

    [Fact]
    public async Task Booking_that_waits_for_a_person_keeps_the_account_from_being_asked()
    {
        await GoAsync("2026-11-18T12:00:00");
        var file = new ZenginSample("01").Header().Data(11_000, "ｼﾗﾅｲ", inquiry: 3).Trailer().End();
        var report = BackOfficeWorld.Value(await _desk.Imports.ImportAsync(_world.Operator, new NewBankImport(Convert.ToBase64String(file), Record: true, AsOf: "2026-11-18"), Cancel));
        Assert.Equal(1, report.Left);
        Assert.Equal([DunningBlock.PerhapsPaid], Assert.Single(await ProposalsAsync()).Blocks);
        var left = Assert.Single(await _desk.Book.LeftAsync(_world.Operator, Cancel));
        BackOfficeWorld.Value(await _desk.Terms.DismissAsync(_world.Operator, left.Key, "a refund of a supplier", Cancel));
        Assert.Empty(Assert.Single(await ProposalsAsync()).Blocks);
        Assert.Empty(await _desk.Book.LeftAsync(_world.Operator, Cancel));
    }

    [Fact]
    public async Task Never_suspended_account_keeps_its_services_and_a_person_may_pass_over_the_stage()
    {
        await ReleaseAsync("2026-11-18T12:00:00", "reminder");
        await ReleaseAsync("2026-12-02T12:00:00", "last-notice");
        BackOfficeWorld.Value(await _world.AccountOrders.ChangeAsync(_world.Operator, _account.Id, new BillingAccountChange(NeverSuspend: true), null, Cancel));
        await ImportedAsync("2026-12-16T12:00:00");
        var proposal = Assert.Single(await ProposalsAsync());
        Assert.Equal([DunningBlock.NeverSuspend], proposal.Blocks);
        Assert.Equal("backoffice.dunning.blocked", (await _desk.Orders.ReleaseAsync(_world.Operator, proposal.Id, Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await _desk.Orders.SkipAsync(_world.Operator, proposal.Id, "a hospital", Cancel));
        Assert.Empty(await HoldsAsync());
    }

    [Fact]
    public async Task Letter_goes_to_the_relay_once_whatever_breaks()
    {
        await ImportedAsync("2026-11-18T12:00:00");
        BackOfficeWorld.Value(await _desk.Orders.ReleaseAsync(_world.Operator, Assert.Single(await ProposalsAsync()).Id, Cancel));
        var dots = 0;
        await using var relay = new ScriptedServer([], line => line switch
        {
            "." => Interlocked.Increment(ref dots) switch { 1 => "", _ => "250 taken" },
            _ when line.StartsWith("RCPT", StringComparison.Ordinal) && dots == 0 && _desk.Tries++ == 0 => "450 4.2.0 later",
            _ => null,
        });
        var sender = _desk.SenderTo(relay.Port);

        // Refused for now: nothing was there, it is tried later. The connection breaks behind the text: nobody knows, and it is not sent again by itself.
        Assert.Equal(0, await sender.SendAsync(null, Cancel));
        Assert.Equal((LetterState.Waiting, 1L), (await LetterAsync()) is var first ? (first.State, first.Tries) : default);
        Assert.Equal(0, await sender.SendAsync(null, Cancel));
        Assert.Equal(0, dots);
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0, await sender.SendAsync(null, Cancel));
        Assert.Equal((LetterState.Unknown, 1), ((await LetterAsync()).State, dots));
        _world.Time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, await sender.SendAsync(null, Cancel));
        Assert.Equal(1, dots);
        BackOfficeWorld.Value(await _desk.Letters.SendAgainAsync(_world.Operator, (await LetterAsync()).Id, Cancel));
        Assert.Equal(1, await sender.SendAsync(null, Cancel));
        Assert.Equal((LetterState.Sent, 2, "2026-11-18"), ((await LetterAsync()).State, dots, (await LetterAsync()).SentOn));
        Assert.Equal(0, await sender.SendAsync(null, Cancel));
        Assert.Equal("backoffice.letter.state", (await _desk.Letters.SendAgainAsync(_world.Operator, (await LetterAsync()).Id, Cancel)).Refusal?.Code);
        Assert.Contains("MAIL FROM:<billing@provider.example>", relay.Lines);
        Assert.Contains("RCPT TO:<keiri@customer.example>", relay.Lines);
    }

    [Fact]
    public async Task Letter_that_a_killed_program_was_handing_over_is_unknown_and_two_nodes_send_one_once()
    {
        await ImportedAsync("2026-11-18T12:00:00");
        BackOfficeWorld.Value(await _desk.Orders.ReleaseAsync(_world.Operator, Assert.Single(await ProposalsAsync()).Id, Cancel));
        var taken = 0;
        await using var relay = new ScriptedServer([], line => line == "." && Interlocked.Increment(ref taken) > 0 ? "250 taken" : null);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _desk.SenderTo(relay.Port).SendAsync(null, Cancel).AsTask(), Cancel)));
        Assert.Equal((LetterState.Sent, 1), ((await LetterAsync()).State, taken));

        await _world.Provider.Stores.Control.WriteAsync(async transaction => await transaction.ExecuteAsync("UPDATE bo_letter SET state = 'handing'"), Cancel);
        await _desk.SenderTo(relay.Port).TakeOverAsync(null, Cancel);
        await _desk.SenderTo(relay.Port).SendAsync(null, Cancel);
        Assert.Equal((LetterState.Unknown, 1), ((await LetterAsync()).State, taken));
        BackOfficeWorld.Value(await _desk.Letters.DeliveredAsync(_world.Operator, (await LetterAsync()).Id, "by post", Cancel));
        Assert.Equal((LetterState.Sent, "2026-11-18"), ((await LetterAsync()).State, (await LetterAsync()).SentOn));
    }

    [Fact]
    public async Task What_waits_for_a_person_is_told_once_a_day()
    {
        await GoAsync("2026-11-18T12:00:00");
        await _desk.TellAsync();
        Assert.Equal(["stale"], await KindsAsync());
        await ImportedAsync("2026-11-18T13:00:00");
        await _desk.TellAsync();
        await _desk.TellAsync();
        Assert.Equal(["proposed", "stale"], await KindsAsync());
        await ImportedAsync("2026-11-19T12:00:00");
        await _desk.TellAsync();
        Assert.Equal(3, await CountAsync("bo_dunning_day"));
    }

    private async Task<IReadOnlyList<string>> KindsAsync() => await _world.Provider.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT kind FROM bo_dunning_day ORDER BY kind"), Cancel);

    private async Task<DunningStep> ReleaseAsync(string at, string stage)
    {
        await ImportedAsync(at);
        var proposal = Assert.Single(await ProposalsAsync());
        Assert.Equal((stage, 0), (proposal.Stage.Id, proposal.Blocks.Count));
        var step = BackOfficeWorld.Value(await _desk.Orders.ReleaseAsync(_world.Operator, proposal.Id, Cancel));
        await DeliverAsync();
        return step;
    }

    private async Task DeliverAsync()
    {
        foreach (var id in await _world.Provider.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT id FROM bo_letter WHERE state = 'waiting'"), Cancel))
        {
            BackOfficeWorld.Value(await _desk.Letters.DeliveredAsync(_world.Operator, id, "by post", Cancel));
        }
    }

    private async Task<Letter> LetterAsync() =>
        (await _world.Provider.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<Letter>($"SELECT {Letter.Columns} FROM bo_letter ORDER BY id DESC LIMIT 1"), Cancel))!;

    private async Task<IReadOnlyList<Hold>> HoldsAsync() => [.. (await _world.Provider.Book.HoldsAsync(_world.Operator, _line.Id, Cancel)).Where(static hold => hold.LiftedAt is null).OrderBy(static hold => hold.Kind)];

    private async Task<IReadOnlyList<DunningProposal>> ProposalsAsync() => (await _desk.Book.ProposalsAsync(_world.Operator, null, Cancel)).Proposals;

    private ValueTask<long> CountAsync(string table) => _world.Provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM " + table), Cancel);

    private Task GoAsync(string at)
    {
        _world.Time.Advance(new DateTimeOffset(DateTime.Parse(at, CultureInfo.InvariantCulture), TimeSpan.FromHours(9)) - _world.Time.GetUtcNow());
        return Task.CompletedTask;
    }

    /// <summary>Goes there, and the bank's file of that day is imported: nothing is in it.</summary>
    private async Task ImportedAsync(string at)
    {
        await GoAsync(at);
        var file = new ZenginSample("01").Header().Trailer().End();
        BackOfficeWorld.Value(await _desk.Imports.ImportAsync(_world.Operator, new NewBankImport(Convert.ToBase64String(file), Record: true, AsOf: at[..10]), Cancel));
    }

    /// <summary>Dunning's services on the world's stores.</summary>
    private sealed class DunningDesk
    {
        private readonly BackOfficeWorld _world;
        private readonly DunningWorker _worker;
        private readonly Outbox _outbox;

        public DunningDesk(BackOfficeWorld world)
        {
            _world = world;
            var (stores, time, changes) = (world.Provider.Stores, world.Time, world.Provider.Changes);
            var reader = new DunningReader(time);
            _outbox = new Outbox(world.Provider.Events, new OutboxSignal(stores.Control.Hints));
            Book = new DunningBook(stores, reader);
            Orders = new DunningOrders(stores, Book, reader, world.Provider.Orders, world.Options, changes, time);
            Lifts = new DunningLifts(stores, reader, world.Provider.Orders, changes, time);
            Terms = new DunningTermsOrders(stores, reader, changes, time);
            Letters = new LetterBook(stores, changes, time);
            var day = new CivilDay(stores, time);
            Imports = new BankImports(stores, world.Accounts, world.Invoices, world.PaymentOrders, new BankImportKeeper(stores, day, changes, time), day, world.Options);
            _worker = new DunningWorker(stores, Book, Orders, Lifts, _outbox, null!, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<DunningWorker>.Instance);
        }

        public int Tries { get; set; }

        public DunningBook Book { get; }

        public DunningOrders Orders { get; }

        public DunningLifts Lifts { get; }

        public DunningTermsOrders Terms { get; }

        public LetterBook Letters { get; }

        public BankImports Imports { get; }

        public async Task<int> ActAsync() => await Orders.ActAsync((await ProviderTenant.SystemAsync(_world.Provider.Stores, Cancel))!, null, Cancel);

        public async Task TellAsync() => await _worker.TellAsync((await ProviderTenant.SystemAsync(_world.Provider.Stores, Cancel))!, null, Cancel);

        /// <summary>What a node sends letters with; its clock is a real one, for it waits for a peer.</summary>
        public LetterSender SenderTo(int port)
        {
            var letters = new LetterOptions { Relay = $"127.0.0.1:{port}", From = "billing@provider.example" };
            var outbound = new OutboundTcp(new OutboundOptions { Allow = [System.Net.IPNetwork.Parse("127.0.0.0/8")] }, TimeProvider.System);
            return new LetterSender(_world.Provider.Stores, Letters, new Relay(outbound, letters, TimeProvider.System), _outbox, new BackOfficeOptions { Letters = letters }, _world.Time);
        }
    }
}

public sealed class Dunning_steps_on_sqlite() : Dunning_steps(SqlDialect.Sqlite);

public sealed class Dunning_steps_on_postgres() : Dunning_steps(SqlDialect.Postgres);
