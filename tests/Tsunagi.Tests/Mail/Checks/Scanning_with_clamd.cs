using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Clamav;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Scanning_with_clamd
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stream: OK\0", null, null)]
    [InlineData("1: stream: OK\0", null, null)]
    [InlineData("12: stream: Eicar-Signature FOUND\0", "Eicar-Signature", null)]
    [InlineData("stream: a FOUND FOUND", "a FOUND", null)]
    [InlineData("INSTREAM size limit exceeded. ERROR\0", null, "INSTREAM size limit exceeded. ERROR")]
    [InlineData("", null, "an empty reply")]
    [InlineData("stream:  FOUND", null, "stream:  FOUND")]
    [InlineData("1: UNKNOWN COMMAND\0", null, "UNKNOWN COMMAND")]
    public void Its_replies_are_read(string text, string? signature, string? error) => Assert.Equal(new ClamdReply(signature, error), ClamdReply.Read(text));

    [Fact]
    public async Task What_it_finds_is_evidence_and_sessions_are_used_again()
    {
        await using var clamd = new FakeClamd();
        using var client = new ClamdClient(new FilterOptions { Clamd = clamd.Place }, TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(default, await client.ScanAsync(Octets.Of("clean " + i), Cancel));
            Assert.Equal("Test.Eicar.UNOFFICIAL", (await client.ScanAsync(Octets.Of("EICAR"), Cancel)).Signature);
        }

        Assert.Equal(1, clamd.Opened);
        Assert.Equal(["clamav.virus Test.Eicar.UNOFFICIAL"], await FoundAsync(client, new FilterOptions { Clamd = clamd.Place }, "EICAR"));
    }

    [Fact]
    public async Task A_session_that_it_closed_meanwhile_is_replaced()
    {
        await using var clamd = new FakeClamd { ClosesAfterEach = true };
        using var client = new ClamdClient(new FilterOptions { Clamd = clamd.Place }, TimeProvider.System);
        for (var i = 1; i <= 5; i++)
        {
            Assert.NotNull((await client.ScanAsync(Octets.Of("EICAR"), Cancel)).Signature);
            Assert.Equal(i, clamd.Opened);
        }
    }

    [Fact]
    public async Task More_scans_than_sessions_wait_for_their_turn()
    {
        await using var clamd = new FakeClamd();
        using var client = new ClamdClient(new FilterOptions { Clamd = clamd.Place, ClamdSessions = 3 }, TimeProvider.System);
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.ScanAsync(Octets.Of(new string('x', 10_000 * (i % 5)) + (i % 2 == 0 ? "EICAR" : "")), Cancel).AsTask()));
        Assert.Equal(25, replies.Count(static reply => reply.Signature is not null));
        Assert.InRange(clamd.Opened, 1, 3);
    }

    [Fact]
    public async Task A_message_at_the_limit_is_scanned_and_one_octet_more_is_not()
    {
        await using var clamd = new FakeClamd();
        var options = new FilterOptions { Clamd = clamd.Place, ClamdMaxBytes = 70_000 };
        using var client = new ClamdClient(options, TimeProvider.System);
        Assert.Equal(["clamav.virus Test.Eicar.UNOFFICIAL"], await FoundAsync(client, options, "EICAR" + new string('x', 70_000 - 5)));
        Assert.Equal(["clamav.too-large 70001"], await FoundAsync(client, options, "EICAR" + new string('x', 70_000 - 4)));
    }

    [Fact]
    public async Task Beyond_its_own_limit_it_says_so()
    {
        await using var clamd = new FakeClamd { MaxBytes = 1_000 };
        var options = new FilterOptions { Clamd = clamd.Place };
        using var client = new ClamdClient(options, TimeProvider.System);
        Assert.Equal(["clamav.too-large 2000"], await FoundAsync(client, options, new string('x', 2_000)));
        Assert.Empty(await FoundAsync(client, options, "small"));
    }

    [Fact]
    public async Task One_that_is_away_is_unavailable_and_not_asked_again_for_a_moment()
    {
        var place = "";
        await using (var gone = new FakeClamd())
        {
            place = gone.Place;
        }

        var time = new ManualTime();
        var options = new FilterOptions { Clamd = place };
        using var client = new ClamdClient(options, time);
        var away = await Assert.ThrowsAsync<CheckUnavailableException>(() => client.ScanAsync(Octets.Of("x"), Cancel).AsTask());
        Assert.Contains($"scanning with clamd at {place}", away.Message, StringComparison.Ordinal);
        var again = await Assert.ThrowsAsync<CheckUnavailableException>(() => client.ScanAsync(Octets.Of("x"), Cancel).AsTask());
        Assert.Contains("did not answer a moment ago", again.Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(6));
        again = await Assert.ThrowsAsync<CheckUnavailableException>(() => client.ScanAsync(Octets.Of("x"), Cancel).AsTask());
        Assert.DoesNotContain("a moment ago", again.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> FoundAsync(ClamdClient client, FilterOptions options, string message)
    {
        var evidence = new List<Evidence>();
        await new ClamavCheck(client, options).RunAsync(Attachments_of_a_message.Under(message), evidence, Cancel);
        return [.. evidence.Select(static found => $"{found.Code} {string.Join(' ', found.Values.Select(static value => value.Text))}")];
    }
}
