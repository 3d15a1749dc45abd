using System.Net;
using System.Text;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Connectivity.AccessServers;

/// <summary>From the form to the snapshot that the RADIUS server reads, on both stores.</summary>
public sealed class Access_servers
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task One_is_served_as_it_is_set_and_no_more_when_it_is_removed(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        await world.ReconcileAsync();
        var book = world.Get<NasBook>();
        var made = ConnectivityWorld.Value(await book.AddAsync(
            world.Operator, new NewNas { Name = "bras-1", Sources = ["192.0.2.1", "2001:db8::/48"], Dialect = NasDialect.MikroTik, DynamicAuthorization = "192.0.2.1:1700" }, Cancel));
        await world.FollowAsync();
        var nas = world.Snapshot.NasBySource(IPAddress.Parse("192.0.2.1"))!;
        Assert.Equal(made.Secret, Encoding.UTF8.GetString(nas.Secret.Span));
        Assert.Equal((NasDialect.MikroTik, MessageAuthenticatorRule.Auto, "192.0.2.1:1700"), (nas.Dialect, nas.MessageAuthenticator, nas.DynamicAuthorization!.ToString()));
        Assert.Same(nas, world.Snapshot.NasBySource(IPAddress.Parse("2001:db8::7")));

        var changed = ConnectivityWorld.Value(await book.ChangeAsync(world.Operator, made.Nas.Id, new NasChange { Secret = "another secret", MessageAuthenticator = MessageAuthenticatorRule.Yes }, 1, Cancel));
        await world.FollowAsync();
        nas = world.Snapshot.NasById(made.Nas.Id)!;
        Assert.Equal(("another secret", MessageAuthenticatorRule.Yes, 2L), (Encoding.UTF8.GetString(nas.Secret.Span), nas.MessageAuthenticator, changed.Version));
        Assert.Equal(RefusalKind.PreconditionFailed, (await book.ChangeAsync(world.Operator, made.Nas.Id, new NasChange { Note = "late" }, 1, Cancel)).Refusal?.Kind);

        ConnectivityWorld.Value(await book.RemoveAsync(world.Operator, made.Nas.Id, Cancel));
        await world.FollowAsync();
        Assert.Null(world.Snapshot.NasBySource(IPAddress.Parse("192.0.2.1")));
        Assert.Empty(await book.ListAsync(world.Operator, "", 10, Cancel));
    }

    [Theory]
    [InlineData("x", "192.0.2.300", "", "connectivity.nas.source")]
    [InlineData("x", "192.0.2.1/24", "", "connectivity.nas.source")]
    [InlineData("", "192.0.2.1", "", "connectivity.nas.name")]
    [InlineData("x", "192.0.2.1", "192.0.2.1", "connectivity.nas.dynamic-authorization")]
    [InlineData("x", "192.0.2.9", "", "connectivity.nas.source-taken")]
    public async Task What_cannot_be_one_is_refused_with_its_field(string name, string source, string coa, string code)
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var book = world.Get<NasBook>();
        ConnectivityWorld.Value(await book.AddAsync(world.Operator, new NewNas { Name = "there", Sources = ["192.0.2.9/32"] }, Cancel));
        var refused = await book.AddAsync(world.Operator, new NewNas { Name = name, Sources = [source], DynamicAuthorization = coa }, Cancel);
        Assert.Equal(code, refused.Refusal?.Code);
    }

    [Fact]
    public async Task A_customer_neither_sees_nor_makes_one()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var book = world.Get<NasBook>();
        var made = ConnectivityWorld.Value(await book.AddAsync(world.Operator, new NewNas { Name = "bras-1", Sources = ["192.0.2.1"] }, Cancel));
        var customer = ConnectivityWorld.CallerOf(await world.AddTenantAsync("Kita"));
        Assert.Empty(await book.ListAsync(customer, "", 10, Cancel));
        Assert.Equal(RefusalKind.NotFound, (await book.ChangeAsync(customer, made.Nas.Id, new NasChange { Note = "x" }, null, Cancel)).Refusal?.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await book.AddAsync(customer, new NewNas { Name = "mine", Sources = ["192.0.2.7"] }, Cancel)).Refusal?.Kind);
    }
}
