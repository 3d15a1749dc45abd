using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Events;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A module that sells a relay and runs what is wished, except relays to a host called "silent". Exercises every page of the shell without a real service.</summary>
internal sealed class SampleModule : IServiceModule
{
    public const string Specification = "relay.standard";
    public const string Messages = "relay.messages";
    public const string Bytes = "relay.bytes";

    public ModuleDescription Describe() => new(
        "relay", new("Relay", "リレー"), new("Takes messages in and hands them on", "メッセージの中継"), RunsOn.EveryNode,
        [new PlanSpecification(Specification, new("Mail relay", "メール中継"), new("Takes mail for your domains, checks it and hands it to your server", "お客様ドメイン宛のメールを受信し、検査のうえ配送します"), typeof(RelaySettings), [Messages, Bytes])],
        [new MeterDeclaration(Messages, MeterKind.Sum, "{message}", new("Messages accepted", "受理したメール数")), new MeterDeclaration(Bytes, MeterKind.Sum, "By", new("Bytes accepted", "受理した容量"))],
        [new EventDeclaration("relay.next-hop.silent@1", EventSeverity.Warning, new("A customer's server does not answer; its mail waits.", "お客様のサーバーが応答せず、メールが待機しています。"), new("Call the customer's technical contact; the mail is kept for five days.", "技術担当の方に連絡してください。メールは5日間保持されます。"))],
        Permissions: [], Schema: []);

    public void AddServices(IServiceCollection services, object? options)
    {
    }

    public void Map(ModuleMap map)
    {
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>(
        [
            .. changedKeys.Where(snapshot.Records.ContainsKey).Select(key => new ReconcileOutcome(
                key, snapshot.Revision, snapshot.Records[key].Settings.Contains("silent") ? "the next hop silent.kitayama.example:25 refuses the connection; the next try is in 30 s" : null)),
        ]);
}

/// <summary>What a relay needs to know.</summary>
internal sealed record RelaySettings(
    [property: Description("Domains whose mail it takes."), Japanese("受信ドメイン", "このリレーで受け付けるドメインです。"), MinLength(1), MaxLength(50)] IReadOnlyList<string> Domains,
    [property: Description("Your server, as host or host:port."), Japanese("配送先サーバー", "お客様のサーバー(ホスト名またはホスト名:ポート番号)です。"), MaxLength(253)] string NextHop,
    [property: Description("How long undeliverable mail is kept, in days."), Japanese("保持日数", "配送できないメールを保持する日数です。"), Range(1, 14)] int QueueLifeDays = 5,
    [property: Description("Hand mail on only over TLS."), Japanese("TLSを必須にする", "TLSを使える場合のみ配送します。")] bool RequireTls = false,
    [property: Description("Largest message in megabytes."), Japanese("最大サイズ(MB)", "受け付けるメールの最大サイズです。"), Range(1, 100)] int MaxMegabytes = 35);
