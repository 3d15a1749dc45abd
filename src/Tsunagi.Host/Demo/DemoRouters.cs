using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Routers.Try;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's routers: (1) thirty sites of its customers, each with a subscription that names its box; half of the boxes speak TR-069, half ARMS, (2) the keys and the configurations of
/// those with ARMS, (3) the boxes are switched on, and two more that nobody has registered. It comes alive while the demo is looked at, and lives through a restart of the program.
/// </summary>
internal sealed class DemoRouters(DemoServer server, DemoWorld world, IReadOnlyList<DemoCustomer> customers, TimeProvider time)
{
    public const int Sites = 30;

    private const string Key = "demo-ls-sa-key";
    private const int AtOnce = 4;
    private static readonly TimeSpan CallEvery = TimeSpan.FromSeconds(60);

    private static readonly (string Name, double Latitude, double Longitude)[] Places =
    [
        ("Yokohama 横浜", 35.444, 139.638), ("Kawasaki 川崎", 35.531, 139.703), ("Chiba 千葉", 35.607, 140.106), ("Saitama さいたま", 35.861, 139.645), ("Hachioji 八王子", 35.656, 139.324),
        ("Utsunomiya 宇都宮", 36.555, 139.883), ("Mito 水戸", 36.366, 140.471), ("Takasaki 高崎", 36.322, 139.003), ("Sendai 仙台", 38.268, 140.869), ("Sapporo 札幌", 43.062, 141.354),
        ("Niigata 新潟", 37.916, 139.036), ("Nagano 長野", 36.649, 138.195), ("Shizuoka 静岡", 34.976, 138.383), ("Hamamatsu 浜松", 34.711, 137.726), ("Nagoya 名古屋", 35.181, 136.906),
        ("Gifu 岐阜", 35.423, 136.761), ("Kanazawa 金沢", 36.561, 136.656), ("Kyoto 京都", 35.012, 135.768), ("Osaka 大阪", 34.694, 135.502), ("Kobe 神戸", 34.690, 135.196),
        ("Nara 奈良", 34.685, 135.805), ("Okayama 岡山", 34.655, 133.919), ("Hiroshima 広島", 34.385, 132.455), ("Takamatsu 高松", 34.343, 134.046), ("Matsuyama 松山", 33.839, 132.766),
        ("Fukuoka 福岡", 33.590, 130.402), ("Kumamoto 熊本", 32.803, 130.708), ("Oita 大分", 33.239, 131.609), ("Kagoshima 鹿児島", 31.597, 130.557), ("Naha 那覇", 26.212, 127.681),
    ];

    /// <summary>Until cancelled; what the program refuses ends it, and is told.</summary>
    /// <returns>Why it ended before the demo did; empty when it did not.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var fleet = new TrialFleet(new Uri($"http://127.0.0.1:{server.AcsPort}/"), new Uri($"https://127.0.0.1:{server.ArmsPort}/ls"), time);
        try
        {
            using var api = new DemoApi(server.Url);
            await api.SignInAsync(DemoWorld.OperatorEmail, world.Password, cancellationToken);
            await api.PutAsync("/plans/managed-router", Plan(), cancellationToken);

            // (1) (2)
            var boxes = Enumerable.Range(0, Sites).Select(i => (Number: i, IsArms: i % 2 == 1)).Select(each => (each.Number, each.IsArms, Id: each.IsArms ? fleet.AddArms(each.Number, Key) : fleet.AddCwmp(Serial(each.Number)))).ToList();
            await Parallel.ForEachAsync(boxes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (box, token) => await AddAsync(api, box.Number, box.IsArms, box.Id, token));

            // (3)
            fleet.AddArms(999, Key);
            fleet.AddCwmp("SPARE01");
            await fleet.RunAsync(CallEvery, cancellationToken);
            return "";
        }
        catch (IOException refused)
        {
            return refused.Message;
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }

    private async Task AddAsync(DemoApi api, int number, bool isArms, string id, CancellationToken cancellationToken)
    {
        var (name, latitude, longitude) = Places[number];
        var tenant = world.TenantOf(customers[number % customers.Count]);
        var site = (string)(await api.PostAsync("/sites", new { tenantId = tenant, name, latitude, longitude }, cancellationToken))["id"]!;
        if (isArms)
        {
            await api.PutAsync($"/routers/sites/{site}/configuration", new { modules = Modules(number, name), why = "opening of the site" }, cancellationToken);
            await api.PostAsync("/routers/devices", new { distributionId = id, key = Key }, cancellationToken);
        }

        await api.PostAsync("/subscriptions", new { tenantId = tenant, plan = "managed-router", name = "Router of " + name, settings = new { site, device = id } }, cancellationToken);
    }

    private static object Plan() => new
    {
        code = "managed-router", specification = "routers.managed-site", nameEn = "Managed router", nameJa = "マネージドルーター", currency = "JPY",
        prices = new object[] { new { model = "flat", label = "Managed router, monthly fee", amount = 1800 } },
    };

    private static JsonArray Modules(int number, string name)
    {
        var host = name.Split(' ')[0].ToLowerInvariant();
        return
        [
            new JsonObject
            {
                ["id"] = 0, ["version"] = "1", ["info"] = "main", ["commitOrder"] = 0,
                ["text"] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"hostname {host}\ntimezone Asia/Tokyo\ninterface ge0 address dhcp\ninterface ge1 address 192.168.{number}.1/24\ndhcp server ge1 range 192.168.{number}.100-192.168.{number}.199\nroute default ge0\nntp server 192.0.2.123\nsyslog server 192.0.2.154 facility local1\n"),
            },
            new JsonObject { ["id"] = 7, ["version"] = "1", ["info"] = "filter", ["commitOrder"] = 1, ["text"] = "filter in ge0 pass established\nfilter in ge0 pass icmp echo\nfilter in ge0 block all log\nnat ge0 masquerade\n" },
        ];
    }

    private static string Serial(int number) => string.Create(CultureInfo.InvariantCulture, $"DEMO{number:D4}");
}
