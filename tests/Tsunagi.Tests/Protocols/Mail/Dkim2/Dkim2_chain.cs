using System.Buffers;
using System.Text;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dkim2;
using Tsunagi.Tests.Protocols.Mail.Dkim;
using static Tsunagi.Tests.Protocols.Mail.Dkim.DkimSamples;

namespace Tsunagi.Tests.Protocols.Mail.Dkim2;

public class Dkim2_chain
{
    private static readonly Dkim2Envelope First = new("<joe@example.com>", ["<list@lists.example.net>"]);
    private static readonly Dkim2Envelope Second = new("<bounce@lists.example.net>", ["<mary@example.org>"]);

    internal static ZoneFile Keys(string more = "") => Zone($"  ed._domainkey.lists.example.net: {DkimSamples.Ed25519.ToRecord()}\n{more}");

    internal static string Hop(string message, Dkim2Envelope envelope, Dkim2SigningOptions? options = null, params DkimSigner[] signers)
    {
        using SignedMessage signed = SignedMessage.Read(Sequence(message));
        var signing = new Dkim2Signing(signed);
        signed.AppendBodyOf(Sequence(message));
        var output = new ArrayBufferWriter<byte>();
        Assert.True(signing.TryComplete(signers.Length == 0 ? [Ed25519Signer] : signers, envelope, options, Now, output, out string reason), reason);
        return Encoding.UTF8.GetString(output.WrittenSpan) + message;
    }

    private static async Task<Dkim2Result> Check(string message, Dkim2Envelope? envelope, ZoneFile? zone = null, DateTimeOffset? now = null, Dkim2Options? options = null) =>
        await Dkim2Verification.VerifyAsync(Sequence(message), envelope, zone ?? Keys(), now ?? Now, options, CancellationToken.None);

    private static IReadOnlyList<Dkim2Past> Undo(string message, IReadOnlyList<MessageInstance> instances) => Dkim2History.Undo(Encoding.UTF8.GetBytes(message), instances);

    private static string TwoHops() => Hop(Hop(Plain, First), Second, null, Ed25519Signer with { Domain = "lists.example.net" });

    [Fact]
    public async Task Of_one_hop_with_two_keys_passes()
    {
        string message = Hop(Plain, First, new Dkim2SigningOptions { Nonce = "s=x:y:z", Flags = ["feedback"] }, Ed25519Signer, RsaSigner);
        Dkim2Result result = await Check(message, First);
        Assert.True(result.Verdict == Dkim2Verdict.Pass, result.Reason + "\n" + message);
        Assert.Equal((1, 1, 2, "s=x:y:z"), (result.Signatures.Length, result.Instances.Length, result.Signatures[0].Values.Length, result.Signatures[0].Nonce));
        Assert.All(message[..message.IndexOf("From:", StringComparison.Ordinal)].Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
    }

    [Fact]
    public async Task Of_two_hops_passes_and_records_no_second_form_of_a_message_that_was_not_changed()
    {
        Dkim2Result result = await Check("Received: by a\r\nX-Spam: no\r\n" + TwoHops(), Second);
        Assert.Equal((Dkim2Verdict.Pass, 2, 1), (result.Verdict, result.Signatures.Length, result.Instances.Length));
    }

    [Fact]
    public async Task Undoes_what_a_hop_changed()
    {
        string first = Hop(Plain, First, new Dkim2SigningOptions { Flags = ["donotmodify", "donotexplode"] });
        string changed = first.Replace("Subject: Is", "Subject: [list] Is").Replace("Joe.\r\n", "Joe.\r\n-- \r\nfooter\r\n");
        using (SignedMessage untold = SignedMessage.Read(Sequence(changed)))
        {
            var signing = new Dkim2Signing(untold);
            untold.AppendBodyOf(Sequence(changed));
            Assert.False(signing.TryComplete([Ed25519Signer], Second, null, Now, new ArrayBufferWriter<byte>(), out _));
        }

        const string recipe = """{"h":{"subject":[{"d":["Is dinner ready?"]}]},"b":[{"c":[1,5]}]}""";
        string second = Hop(changed, Second, new Dkim2SigningOptions { Recipe = recipe, Flags = ["exploded"] }, Ed25519Signer with { Domain = "lists.example.net" });
        Dkim2Result result = await Check(second, Second);
        Assert.True(result.Verdict == Dkim2Verdict.Pass, result.Reason);
        Assert.Equal((true, true), (result.IsModifiedAgainstRequest, result.IsExplodedAgainstRequest));
        Assert.Equal([Dkim2Past.Proven], Undo(second, result.Instances));

        string lying = Hop(changed, Second, new Dkim2SigningOptions { Recipe = recipe.Replace("dinner", "supper") }, Ed25519Signer with { Domain = "lists.example.net" });
        Assert.Equal([Dkim2Past.Different], Undo(lying, (await Check(lying, Second)).Instances));
        string lost = Hop(changed, Second, new Dkim2SigningOptions { Recipe = """{"b":null}""" }, Ed25519Signer with { Domain = "lists.example.net" });
        Assert.Equal([Dkim2Past.Lost], Undo(lost, (await Check(lost, Second)).Instances));
    }

    [Theory]
    [InlineData("hungry", "thirsty", "Message-Instance m=1 body hash")]
    [InlineData("Subject: Is", "Subject: Was", "Message-Instance m=1 header hash")]
    [InlineData("t=1700000000", "t=1700000001", "DKIM2-Signature i=1 public key ed incorrect signature")]
    public async Task Fails_for_what_was_changed(string from, string to, string reason)
    {
        Dkim2Result result = await Check(Hop(Plain, First).Replace(from, to), First);
        Assert.Equal(Dkim2Verdict.Fail, result.Verdict);
        Assert.StartsWith(reason, result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("i=1;", "i=2;", "DKIM2-Signature i=1 missing")]
    [InlineData("m=1; t=", "m=2; t=", "Message-Instance m=2 missing")]
    [InlineData("t=1700000000", "t=soon", "DKIM2-Signature i=1 syntax error")]
    [InlineData("d=example.com;", "", "DKIM2-Signature i=1 tag=d missing")]
    [InlineData("h=sha256:", "x=sha256:", "Message-Instance m=1 tag=h missing")]
    [InlineData("h=sha256:", "h=sha256", "Message-Instance m=1 syntax error")]
    [InlineData("h=sha256:", "r=AAAA; h=sha256:", "Message-Instance m=1 syntax error")]
    [InlineData("i=1;", "i=1; nd=example.org;", "DKIM2-Signature i=1 tag=mf was unexpected")]
    [InlineData("s=ed:", "s=none:", "DKIM2-Signature i=1 public key none")]
    [InlineData("ed25519-sha256:", "rot13:", "DKIM2-Signature i=1 is signed with nothing that is known")]
    public async Task Is_a_permanent_error_for_what_can_never_verify(string from, string to, string reason)
    {
        Dkim2Result result = await Check(Hop(Plain, First).Replace(from, to), First);
        Assert.Equal(Dkim2Verdict.PermError, result.Verdict);
        Assert.StartsWith(reason, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_bound_to_the_envelope()
    {
        string message = Hop(Plain, new("joe@example.com", ["a@example.net", "b@example.net"]));
        Assert.Equal(Dkim2Verdict.Pass, (await Check(message, new("<joe@Example.COM>", ["<b@EXAMPLE.net>"]))).Verdict);
        Assert.Equal(Dkim2Verdict.Pass, (await Check(message, null)).Verdict);
        Assert.Equal("DKIM2-Signature i=1 RCPT TO <c@example.net> did not match", (await Check(message, new("<joe@example.com>", ["<a@example.net>", "<c@example.net>"]))).Reason);
        Assert.Equal("DKIM2-Signature i=1 MAIL FROM <Joe@example.com> did not match", (await Check(message, new("<Joe@example.com>", ["<a@example.net>"]))).Reason);
        Assert.Equal("DKIM2-Signature i=1 MAIL FROM and d= do not match", (await Check(Hop(Plain, new("joe@example.org", ["a@example.net"])), null)).Reason);
        Assert.Equal(Dkim2Verdict.Pass, (await Check(Hop(Plain, new("<>", ["a@example.net"])), new("", ["a@example.net"]))).Verdict);
    }

    [Fact]
    public async Task Is_a_chain_of_custody()
    {
        var other = new Dkim2Envelope("<bounce@lists.example.net>", ["<x@example.org>"]);
        string stolen = Hop(Hop(Plain, new("<joe@example.com>", ["<mary@example.org>"])), other, null, Ed25519Signer with { Domain = "lists.example.net" });
        Assert.Equal("DKIM2-Signature i=2 MAIL FROM <bounce@lists.example.net> did not match", (await Check(stolen, other)).Reason);
    }

    [Theory]
    [InlineData(1_699_999_700, Dkim2Verdict.Pass)]
    [InlineData(1_699_999_699, Dkim2Verdict.PermError)]
    [InlineData(1_701_209_600, Dkim2Verdict.Pass)]
    [InlineData(1_701_209_601, Dkim2Verdict.PermError)]
    public async Task Counts_for_a_fortnight(long now, Dkim2Verdict verdict) =>
        Assert.Equal(verdict, (await Check(Hop(Plain, First), First, now: DateTimeOffset.FromUnixTimeSeconds(now))).Verdict);

    [Theory]
    [InlineData(2, Dkim2Verdict.Pass)]
    [InlineData(1, Dkim2Verdict.PermError)]
    public async Task Is_verified_up_to_the_limits(int limit, Dkim2Verdict verdict)
    {
        Assert.Equal(verdict, (await Check(TwoHops(), Second, options: new Dkim2Options { Hops = limit })).Verdict);
        Assert.Equal(verdict, (await Check(Hop(Plain, First, null, Ed25519Signer, RsaSigner), First, options: new Dkim2Options { ValuesPerHop = limit })).Verdict);
    }

    [Theory]
    [InlineData("zonedata:\n  ed._domainkey.example.com:\n    - TIMEOUT\n", Dkim2Verdict.TempError)]
    [InlineData("zonedata:\n  ed._domainkey.example.com:\n    - TXT: k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n    - TXT: k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n", Dkim2Verdict.PermError)]
    public async Task Depends_on_the_keys_record(string zone, Dkim2Verdict verdict) => Assert.Equal(verdict, (await Check(Hop(Plain, First), First, ZoneFile.Read(zone))).Verdict);

    [Fact]
    public async Task Is_none_of_a_message_without_one() => Assert.Equal(Dkim2Verdict.None, (await Check(Plain, First)).Verdict);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"h\":null}")]
    [InlineData("{\"h\":{}}")]
    [InlineData("{\"h\":{\"a\":[],\"A\":[]}}")]
    [InlineData("{\"b\":[{\"c\":[2,1]}]}")]
    [InlineData("{\"b\":[{\"c\":[0,1]}]}")]
    [InlineData("{\"b\":[{\"c\":[1,2]},{\"c\":[2,3]}]}")]
    [InlineData("{\"b\":[{\"d\":[\"a\\r\\nb\"]}]}")]
    [InlineData("{\"b\":[{\"z\":true}]}")]
    [InlineData("{\"b\":{}}")]
    [InlineData("{\"b\":[[[[[[[[[[1]]]]]]]]]]}")]
    [InlineData("{")]
    [InlineData("{\"b\":[{\"d\":[\"\\ud800\"]}]}")]
    [InlineData("{\"h\":{\"\\udc00\":[]}}")]
    [InlineData("{\"h\":{\"\":[]}}")]
    [InlineData("{\"h\":{\"a:b\":[]}}")]
    [InlineData("{\"h\":{\"a\\r\\nb\":[]}}")]
    public void Has_no_recipe_that_is_none(string json) => Assert.False(MessageRecipe.TryParse(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData(MessageRecipe.MostOctets, true)]
    [InlineData(MessageRecipe.MostOctets + 1, false)]
    public void Has_recipes_up_to_a_limit(int octets, bool read) =>
        Assert.Equal(read, MessageRecipe.TryParse(Encoding.UTF8.GetBytes("{\"b\":null" + new string(' ', octets - 10) + "}"), out _));
}
