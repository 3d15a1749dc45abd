using System.Net;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Import;
using Tsunagi.Connectivity.Import.FreeRadius;
using Tsunagi.Connectivity.Import.Kea;
using Tsunagi.Connectivity.Import.Plan;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Outcomes;
using Tsunagi.Tests.Connectivity.Addresses;

namespace Tsunagi.Tests.Connectivity.Import;

/// <summary>Another system brought over: shown first, taken once, and only what differs the next time.</summary>
public sealed class Imports
{
    private const string Checks = """
        id,username,attribute,op,value
        1,kita,Cleartext-Password,:=,one
        2,minami,NT-Password,:=,0CB6948805F797BF2A82807973B89537
        3,higashi,Crypt-Password,:=,$1$abcdefgh$0123456789012345678901
        4,nishi,Cleartext-Password,:=,four
        5,nishi,Auth-Type,:=,Reject
        6,chuo,Calling-Station-Id,==,02-00-5E-00-53-01
        7,kita,Simultaneous-Use,>=,2
        """;

    private const string Replies = """
        id,username,attribute,op,value
        1,kita,Framed-IP-Address,:=,198.51.100.7
        2,kita,Framed-Route,+=,203.0.113.0/24 198.51.100.7 1
        3,kita,Class,:=,vip
        4,minami,Delegated-IPv6-Prefix,:=,2001:db8:40::/56
        5,nishi,Class,-=,old
        """;

    private const string Groups = "username,groupname,priority\nkita,gold,1\nminami,gold,1\n";
    private const string GroupReplies = "groupname,attribute,op,value\ngold,Mikrotik-Rate-Limit,=,20M/100M\ngold,Framed-Pool,:=,residential\ngold,Service-Type,=,Framed-User\n";
    private const string Clients = "client bras-1 {\n ipaddr = 192.0.2.1\n secret = testing123\n}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Freeradius_is_shown_then_taken_and_the_second_time_only_what_differs()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var tenant = await world.AddTenantAsync("Residential");
        await world.PlanAsync(BroadbandSettings.Kind);
        async Task<ImportReport> RunAsync(bool dryRun, string? checks = null) => ConnectivityWorld.Value(await world.Get<RadiusImport>().RunAsync(
            world.Operator,
            new RadiusImportRequest
            {
                Plan = "connectivity-broadband", TenantId = tenant.Id, DryRun = dryRun,
                Files =
                [
                    new("radcheck.csv", checks ?? Checks), new("radreply.csv", Replies), new("radusergroup.csv", Groups), new("radgroupreply.csv", GroupReplies), new("clients.conf", Clients),
                ],
            },
            Cancel));

        var shown = await RunAsync(dryRun: true);
        Assert.Equal([new ImportCount("line", 4, 0, 0, 1), new ImportCount("nas", 1, 0, 0, 0)], shown.Counts);
        Assert.Equal(["minami", "higashi"], shown.NoChap);
        Assert.Equal(["higashi"], shown.NoMsChap);
        Assert.Empty(await world.Lines.ListAsync(world.Operator, new LineQuery(), 10, Cancel));
        Assert.Contains(shown.Problems, static problem => problem is { File: "radcheck.csv", Line: 8, IsError: true } && problem.Message.Contains("the operator >= of Simultaneous-Use", StringComparison.Ordinal));
        Assert.Contains(shown.Problems, static problem => problem is { File: "radcheck.csv", Line: 7 } && problem.Message.Contains("Calling-Station-Id", StringComparison.Ordinal));
        Assert.Contains(shown.Problems, static problem => problem is { File: "radreply.csv", Line: 6 } && problem.Message.Contains("the operator -= of Class", StringComparison.Ordinal));

        var taken = await RunAsync(dryRun: false);
        Assert.Equal(shown.Counts, taken.Counts);
        await world.ReconcileAsync();
        var kita = world.Snapshot.ByUserName("kita")!;
        Assert.Equal((100_000_000L, 20_000_000L, "198.51.100.7"), (kita.Plan.DownBps!.Value, kita.Plan.UpBps!.Value, kita.Addresses.V4!.ToString()));
        Assert.Equal([new LineReply("Service-Type", "Framed-User"), new LineReply("Class", "vip")], kita.Replies);
        Assert.Equal(["203.0.113.0/24 198.51.100.7 1"], kita.Addresses.Routes);
        var minami = world.Snapshot.ByUserName("minami")!;
        Assert.Equal((LinePasswordForm.NtHash, "residential", (IPNetwork?)IPNetwork.Parse("2001:db8:40::/56")), (minami.Password.Form, minami.Addresses.V4Pool, minami.Addresses.DelegatedPrefix));
        Assert.Equal("technical", world.Snapshot.ByUserName("nishi")!.SuspendedFor);
        Assert.Equal("testing123", System.Text.Encoding.UTF8.GetString(world.Snapshot.NasBySource(IPAddress.Parse("192.0.2.1"))!.Secret.Span));

        Assert.Equal([new ImportCount("line", 0, 0, 4, 1), new ImportCount("nas", 0, 0, 1, 0)], (await RunAsync(dryRun: false)).Counts);
        var again = await RunAsync(dryRun: false, Checks.Replace(":=,one", ":=,other", StringComparison.Ordinal));
        Assert.Equal(("change", "kita", "password"), again.Steps.First(static step => step.Act == "change") is var step ? (step.Act, step.Name, step.Detail!) : default);
        await world.FollowAsync();
        Assert.Equal(LinePassword.Clear("other"), world.Snapshot.ByUserName("kita")!.Password);
    }

    [Fact]
    public async Task What_is_more_than_one_call_writes_remains_and_another_call_goes_on()
    {
        await using var world = await ConnectivityWorld.OpenAsync(options: new ConnectivityOptions { Import = new ImportOptions { LinesPerCall = 2 } });
        var tenant = await world.AddTenantAsync("Residential");
        await world.PlanAsync(BroadbandSettings.Kind);
        var users = "username,attribute,op,value\n" + string.Concat(Enumerable.Range(0, 5).Select(static i => $"u{i},Cleartext-Password,:=,p{i}\n"));
        var request = new RadiusImportRequest { Plan = "connectivity-broadband", TenantId = tenant.Id, DryRun = false, Files = [new("radcheck.csv", users)] };
        var left = new List<int>();
        do
        {
            left.Add(ConnectivityWorld.Value(await world.Get<RadiusImport>().RunAsync(world.Operator, request, Cancel)).Remaining);
        }
        while (left[^1] > 0);
        Assert.Equal([3, 1, 0], left);
        Assert.Equal(5, (await world.Lines.ListAsync(world.Operator, new LineQuery(), 10, Cancel)).Count);
        Assert.Equal(RefusalKind.Forbidden, (await world.Get<RadiusImport>().RunAsync(ConnectivityWorld.CallerOf(tenant), request, Cancel)).Refusal?.Kind);
        Assert.Equal("connectivity.import.plan", (await world.Get<RadiusImport>().RunAsync(world.Operator, request with { Plan = "none" }, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Keas_leases_take_their_addresses_out_of_the_pool()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await Plan_of_addresses.AddAsync(world, "198.51.100.0/24");
        var pool = await Plan_of_addresses.PoolAsync(world, "lab", "198.51.100.0/28", 32);
        var leases = $"""
            address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
            198.51.100.0,02:00:5e:00:53:01,,3600,4000000000,1,0,0,cpe,0,
            198.51.100.1,02:00:5e:00:53:02,,3600,1000000000,1,0,0,old,0,
            203.0.113.1,02:00:5e:00:53:03,,3600,4000000000,1,0,0,,0,
            """;
        var request = new KeaImportRequest { DryRun = false, Files = [new("kea-leases4.csv", leases), new("kea.json", """{"reservations":[{"hw-address":"02:00:5e:00:53:09","ip-address":"198.51.100.2"}]}""")] };
        Assert.Equal(new ImportCount("assignment", 2, 0, 0, 1), Assert.Single(ConnectivityWorld.Value(await world.Get<KeaImport>().RunAsync(world.Operator, request, Cancel)).Counts));
        Assert.Equal(new ImportCount("assignment", 0, 0, 2, 1), Assert.Single(ConnectivityWorld.Value(await world.Get<KeaImport>().RunAsync(world.Operator, request, Cancel)).Counts));
        Assert.Equal("198.51.100.1/32", ConnectivityWorld.Value(await world.Get<AssignmentDesk>().AssignAsync(world.Operator, pool.Id, new NewAssignment(), Cancel)).Cidr);
        Assert.Equal("198.51.100.3/32", ConnectivityWorld.Value(await world.Get<AssignmentDesk>().AssignAsync(world.Operator, pool.Id, new NewAssignment(), Cancel)).Cidr);
    }

    [Fact]
    public async Task Netbox_stays_the_authority_for_what_it_gave()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var kita = await world.AddTenantAsync("Kita");
        await Plan_of_addresses.AddAsync(world, "203.0.113.0/24");
        const string Head = "Prefix,VRF,Tenant,Status,Role,Description\n";
        async Task<ImportReport> RunAsync(string rows, bool dryRun = false) => ConnectivityWorld.Value(await world.Get<PlanImport>().RunAsync(
            world.Operator, new PlanImportRequest { Authority = "netbox", DryRun = dryRun, Files = [new("prefixes.csv", Head + rows)] }, Cancel));
        const string Rows = "198.51.100.0/25,,Kita,Active,access,\n198.51.100.0/24,,,Container,,\n203.0.113.0/24,,,Active,,\n10.0.0.0/8,red,Nobody,Active,,\n";
        Assert.Equal([new ImportCount("vrf", 1, 0, 0, 0), new ImportCount("prefix", 3, 0, 0, 1)], (await RunAsync(Rows, dryRun: true)).Counts.OrderByDescending(static count => count.Kind));
        Assert.Single(await world.Get<PrefixBook>().ListAsync(world.Operator, "", "", "", "", "", 10, Cancel));
        var taken = await RunAsync(Rows);
        Assert.Equal([new ImportCount("vrf", 1, 0, 0, 0), new ImportCount("prefix", 3, 0, 0, 1)], taken.Counts.OrderByDescending(static count => count.Kind));
        Assert.Contains(taken.Problems, static problem => problem.Message.Contains("no tenant named Nobody", StringComparison.Ordinal));
        var access = (await world.Get<PrefixBook>().ListAsync(world.Operator, "198.51.100.0/25", Vrf.Global, "", "", "", 10, Cancel)).First(static row => row.Cidr == "198.51.100.0/25");
        Assert.Equal((kita.Id, "netbox"), (access.TenantId, access.Authority));
        Assert.Equal("connectivity.prefix.authority", (await world.Get<PrefixBook>().ChangeAsync(world.Operator, access.Id, new PrefixChange { Note = "ours" }, null, Cancel)).Refusal?.Code);
        var again = await RunAsync(Rows.Replace("Kita,Active", "Kita,Deprecated", StringComparison.Ordinal));
        Assert.Equal(new ImportCount("prefix", 0, 1, 2, 1), Assert.Single(again.Counts));
    }
}
