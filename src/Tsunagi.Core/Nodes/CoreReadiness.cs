namespace Tsunagi.Core.Nodes;

/// <summary>Core's own reasons for not being ready.</summary>
internal static class CoreReadiness
{
    public const string Starting = "node.starting";
    public const string NameTaken = "node.name-taken";
    public const string DatabaseAway = "database.away";

    public static readonly IReadOnlyList<ReadinessDeclaration> All =
    [
        new(Starting, new("The engines have not been given what is wanted yet.", "各サービスへの設定の反映がまだ終わっていません。"),
            new("Wait some seconds; if it lasts, the log says which service fails to start.", "数秒お待ちください。続く場合は、起動に失敗したサービスをログで確認してください。")),
        new(NameTaken, new("Another process runs under this node's name.", "同じ名前のノードが別のプロセスで動いています。"),
            new("Stop one of the two; give a copied data directory a name of its own by removing its file \"node\".",
                "どちらか一方を停止してください。複製したデータディレクトリは、ファイル「node」を削除すると別の名前になります。")),
        new(DatabaseAway, new("The database does not answer.", "データベースが応答しません。"),
            new("Bring the database back; the node goes on by itself.", "データベースを復旧してください。ノードは自動的に再開します。")),
    ];
}
