using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Security;

/// <summary>
/// Encrypts the keys of <see cref="SharedKeys"/> at rest, so that a copy of the table cannot be used to forge cookies.
/// </summary>
internal sealed class SealedKeys(Secret secret) : IXmlEncryptor
{
    public const string Purpose = "data protection keys";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(
            new XElement(
                "sealed",
                Convert.ToBase64String(
                    secret.Protect(
                        Purpose,
                        Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))
                    )
                )
            ),
            typeof(OpenedKeys)
        );
}

/// <summary>
/// The framework creates this by the type name stored with the key, so its constructor must be public and take an
/// <see cref="IServiceProvider"/>.
/// </summary>
internal sealed class OpenedKeys(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(
            Encoding.UTF8.GetString(
                services
                    .GetRequiredService<Secret>()
                    .Unprotect(SealedKeys.Purpose, Convert.FromBase64String(encryptedElement.Value))
            )
        );
}
