using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Nodes;

public sealed class Node_list : IAsyncLifetime
{
    private static readonly NodeBeatOptions Options = new();
    private static readonly NotReady Full = new("line.disk", "no space");
    private readonly ManualTime _time = new();
    private TestStores _stores = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _stores = await TestStores.OpenAsync([.. Tsunagi.Core.CoreDescription.Description.Schema]);

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    [Fact]
    public async Task Node_that_beats_is_ready_with_what_it_runs()
    {
        var book = Book("n_1", "b_1");
        await book.BeginAsync([], Cancel);
        var node = Assert.Single(await ListAsync(book));
        Assert.Equal(("n_1", "b_1", NodeState.Ready), (node.Name, node.Boot, node.State));
        Assert.Equal(["line"], node.Modules);
        Assert.Equal(node.StartedAt, node.SeenAt);
        Assert.NotEmpty(node.Version);
    }

    [Fact]
    public async Task Reason_is_told_with_what_to_do_until_it_is_gone()
    {
        var book = Book("n_1", "b_1");
        await book.BeginAsync([], Cancel);
        await book.BeatAsync([Full], Cancel);
        var node = Assert.Single(await ListAsync(book));
        Assert.Equal(NodeState.NotReady, node.State);
        Assert.Equal(new NodeReason("line.disk", "no space", "make room"), Assert.Single(node.Reasons));
        await book.BeatAsync([], Cancel);
        Assert.Equal(NodeState.Ready, Assert.Single(await ListAsync(book)).State);
    }

    [Fact]
    public async Task Node_not_heard_of_is_away_past_the_limit_and_not_at_it()
    {
        var book = Book("n_1", "b_1");
        await book.BeginAsync([], Cancel);
        _time.Advance(Options.AwayAfter);
        Assert.Equal(NodeState.Ready, Assert.Single(await ListAsync(book)).State);
        _time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(NodeState.Away, Assert.Single(await ListAsync(book)).State);
        await book.BeatAsync([], Cancel);
        Assert.Equal(NodeState.Ready, Assert.Single(await ListAsync(book)).State);
    }

    [Fact]
    public async Task Node_stopped_as_asked_is_not_away_and_is_back_when_it_starts_again()
    {
        var book = Book("n_1", "b_1");
        await book.BeginAsync([Full], Cancel);
        await book.EndAsync(Cancel);
        _time.Advance(TimeSpan.FromDays(2));
        var node = Assert.Single(await ListAsync(book));
        Assert.Equal(NodeState.Stopped, node.State);
        Assert.Empty(node.Reasons);
        await Book("n_1", "b_2").BeginAsync([], Cancel);
        node = Assert.Single(await ListAsync(book));
        Assert.Equal(("b_2", NodeState.Ready, (long?)null), (node.Boot, node.State, node.StoppedAt));
    }

    [Fact]
    public async Task Node_not_heard_of_for_a_month_is_taken_off_when_another_starts()
    {
        await Book("n_1", "b_1").BeginAsync([], Cancel);
        _time.Advance(Options.ForgetAfter);
        var other = Book("n_2", "b_2");
        await other.BeginAsync([], Cancel);
        Assert.Equal(2, (await ListAsync(other)).Count);
        _time.Advance(TimeSpan.FromMicroseconds(1));
        await Book("n_3", "b_3").BeginAsync([], Cancel);
        Assert.Equal(["n_2", "n_3"], (await ListAsync(other)).Select(static node => node.Name));
    }

    /// <summary>A data directory was copied with its name, or a stopped process woke up beside the one that took its place.</summary>
    [Fact]
    public async Task Earlier_of_two_under_one_name_leaves_the_row_alone_and_is_not_ready()
    {
        var first = Book("n_1", "b_1");
        await first.BeginAsync([], Cancel);
        Assert.Null(first.WhyNotReady);
        var second = Book("n_1", "b_2");
        await second.BeginAsync([], Cancel);
        await first.BeatAsync([Full], Cancel);
        await first.EndAsync(Cancel);
        await second.BeatAsync([], Cancel);
        Assert.Equal("node.name-taken", first.WhyNotReady!.Code);
        Assert.Null(second.WhyNotReady);
        var node = Assert.Single(await ListAsync(second));
        Assert.Equal(("b_2", NodeState.Ready), (node.Boot, node.State));
    }

    [Fact]
    public async Task Beat_is_written_when_due_and_at_once_when_readiness_changes()
    {
        var module = new LineModule();
        var part = new Part();
        var book = Book("n_1", "b_1", module);
        var reconciler = new Reconciler(
            _stores.Stores, [module], new Nothing(), new Node("n_1", "b_1", _stores.Directory), new DesiredSignal(), _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Reconciler>.Instance);
        var readiness = new NodeReadiness(_stores.Stores, reconciler, [part], _time);
        using var beat = new NodeBeat(book, readiness, Options, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<NodeBeat>.Instance);
        await beat.LookAsync(Cancel);
        Assert.Equal("node.starting", Assert.Single(Assert.Single(await ListAsync(book)).Reasons).Code);

        await reconciler.StartAsync(Cancel);
        await reconciler.FirstPass.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await beat.LookAsync(Cancel);
        var started = Assert.Single(await ListAsync(book));
        Assert.Equal(NodeState.Ready, started.State);

        _time.Advance(Options.Beat - TimeSpan.FromSeconds(1));
        await beat.LookAsync(Cancel);
        Assert.Equal(started.SeenAt, Assert.Single(await ListAsync(book)).SeenAt);
        part.WhyNotReady = Full;
        await beat.LookAsync(Cancel);
        var full = Assert.Single(await ListAsync(book));
        Assert.Equal(NodeState.NotReady, full.State);
        Assert.True(full.SeenAt > started.SeenAt);
        _time.Advance(Options.Beat);
        await beat.LookAsync(Cancel);
        Assert.True(Assert.Single(await ListAsync(book)).SeenAt > full.SeenAt);
        await reconciler.StopAsync(Cancel);
    }

    private NodeBook Book(string name, string boot, LineModule? module = null) =>
        new(_stores.Stores, new Node(name, boot, _stores.Directory), [module ?? new LineModule()], Options, _time);

    private static async Task<IReadOnlyList<NodeView>> ListAsync(NodeBook book) => await book.ListAsync(static code => code == "line.disk" ? "make room" : null, Cancel);

    private sealed class Part : IReadiness
    {
        public NotReady? WhyNotReady { get; set; }
    }

    private sealed class Nothing : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
