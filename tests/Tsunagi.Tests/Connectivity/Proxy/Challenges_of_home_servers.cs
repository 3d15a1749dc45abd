using Tsunagi.Connectivity.Proxy;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

public class Challenges_of_home_servers
{
    [Fact]
    public async Task Are_answered_to_who_asked_and_to_nobody_else_when_he_is_silent()
    {
        await using var world = await ProxyWorld.OpenAsync(homes: 2);
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.State, "more"u8), RadiusCode.AccessChallenge)];
        Assert.Equal("AccessChallenge: State = 0x6d6f7265", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));
        world.Homes[0].Answers = static _ => [];
        var lane = world.Proxy.Realms[0].Servers[0].Access!;
        var asked = world.Radius.AskAsync(world.Radius.AuthenticatesAt, With(world, "more"u8.ToArray(), 2), seconds: 0.5);
        await Eventually.HoldsAsync(() => world.Homes[0].Requests.Count == 2);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(await asked);
        Assert.Equal(1, lane.Unanswered);
        Assert.Empty(world.Homes[1].Requests);

        // It is still who asked; what answers nothing that is known goes where any goes.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked)];
        Assert.Equal("AccessAccept: ", await world.AccessAsync(With(world, "more"u8.ToArray(), 3)));
        Assert.Equal((3, 0), (world.Homes[0].Requests.Count, world.Homes[1].Requests.Count));
        world.Homes[0].Answers = static _ => [];
        asked = world.Radius.AskAsync(world.Radius.AuthenticatesAt, With(world, "else"u8.ToArray(), 4), seconds: 5);
        await Eventually.HoldsAsync(() => world.Homes[0].Requests.Count == 4);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(await asked);
        Assert.Single(world.Homes[1].Requests);
    }

    [Fact]
    public async Task Are_remembered_for_a_while_and_so_many()
    {
        await using var world = await ProxyWorld.OpenAsync();
        var (realm, time, lane) = (world.Proxy.Realms[0], new ManualTime(), world.Proxy.Servers.Single().Access!);
        var open = new OpenChallenges(time, 2);
        var requests = new[] { "a", "b", "c" }.Select((state, at) => With(world, System.Text.Encoding.ASCII.GetBytes(state), (byte)at)).ToList();
        foreach (var (request, state) in requests.Zip(new[] { "a", "b", "c" }))
        {
            open.Note(realm, request, FakeHomeServer.Answer(request, (ref writer) => writer.Add(RadiusType.State, state), RadiusCode.AccessAccept), lane);
            Assert.Null(open.Find(realm, request));
            open.Note(realm, request, FakeHomeServer.Answer(request, (ref writer) => writer.Add(RadiusType.State, state), RadiusCode.AccessChallenge), lane);
            Assert.Same(lane, open.Find(realm, request));
        }

        Assert.Equal([null, lane, lane], requests.Select(request => open.Find(realm, request)));
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.All(requests, request => Assert.Null(open.Find(realm, request)));
    }

    private static byte[] With(ProxyWorld world, byte[] state, byte identifier) => world.Radius.Access(
        (ref writer) =>
        {
            writer.Add(RadiusType.UserName, "joe@isp.example");
            writer.Add(RadiusType.State, state);
        },
        identifier: identifier);
}
