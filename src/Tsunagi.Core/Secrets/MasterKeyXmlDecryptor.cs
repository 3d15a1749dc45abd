using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Core.Secrets;

/// <summary>Made by the framework by name, with the container.</summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var masters = services.GetRequiredService<MasterKeys>();
        var plain = masters.Unwrap((string?)encryptedElement.Attribute("master") ?? "", Convert.FromBase64String(encryptedElement.Value), MasterKeyXmlEncryptor.Context)
            ?? throw new SecretsException("a key of the console's forms was wrapped by a master key that is gone; a new one takes its place");
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
